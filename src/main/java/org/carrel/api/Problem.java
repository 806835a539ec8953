package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// An error for programs. Source: RFC 9457.
/// @param type   `about:blank`, or `urn:carrel:` and a word that programs may depend on
/// @param detail a sentence with the next step
/// @param request id of the request, as in the log
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        @Nullable String detail,
        @Nullable String request) {}
