package org.carrel.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a handler answers.
public sealed interface Answer {
    /// An answer held whole in memory. `Content-Length` and `Date` are added by the listener.
    /// @param body never changed after it was given
    record Whole(int status, List<Header> headers, byte[] body) implements Answer {
        public Whole {
            headers = List.copyOf(headers);
        }

        public Whole with(String name, String value) {
            List<Header> more = new ArrayList<>(headers);
            more.add(new Header(name, value));
            return new Whole(status, more, body);
        }
    }

    /// Server-sent events, until the feed ends or the browser goes. The listener closes the feed, and writes a comment
    /// line
    /// when nothing came for 15 s.
    record Events(Feed<Event> feed) implements Answer {}

    /// @param name of the event; empty for an unnamed one
    /// @param data one line of JSON
    record Event(String name, String data) {}

    static Whole of(int status, String contentType, byte[] body) {
        return new Whole(status, List.of(new Header("Content-Type", contentType)), body);
    }

    static Whole text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    static Whole html(int status, String html) {
        return of(status, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8));
    }

    static Whole json(int status, byte[] json) {
        return of(status, "application/json", json);
    }

    static Whole empty(int status) {
        return new Whole(status, List.of(), new byte[0]);
    }

    /// @param location already checked by the caller
    static Whole redirect(int status, String location) {
        return empty(status).with("Location", location);
    }
}
