package org.carrel.http;

import java.io.IOException;

/// Answers one request. Runs on a virtual thread and may block; an exception becomes a 500 with the request id and one
/// log line.
@FunctionalInterface
public interface Handler {
    Answer answer(Request request) throws IOException, InterruptedException;
}
