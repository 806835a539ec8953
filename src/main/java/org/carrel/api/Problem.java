package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// An error for programs. Source: RFC 9457.
/// @param type   `about:blank`, or `urn:carrel:` and a word that programs may depend on
/// @param detail a sentence with the next step
/// @param request id of the request, as in the log
/// @param ticket  of who waits: ask again with it within 60 s to keep the place
/// @param position in line; 1 is next
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        @Nullable String detail,
        @Nullable String request,
        @Nullable String ticket,
        @Nullable Integer position) {
    public Problem(String type, String title, int status, @Nullable String detail, @Nullable String request) {
        this(type, title, status, detail, request, null, null);
    }

    public Problem waiting(String withTicket, @Nullable Integer at) {
        return new Problem(type, title, status, detail, request, withTicket, at);
    }
}
