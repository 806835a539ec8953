package org.carrel.api;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Server-sent events, one after the other. Source: HTML Living Standard, "Server-sent events"; of its fields `event`
/// and `data` are used here. Blocking; `close` from another thread ends it.
public final class EventReader implements Closeable {
    private static final int MAX_LINE = 4 * 1024 * 1024;

    private final HttpExchange exchange;
    private final InputStream in;

    EventReader(HttpExchange exchange) {
        this.exchange = exchange;
        this.in = exchange.body();
    }

    /// @param name `message` when the server gave none
    public record Event(String name, String data) {}

    /// @return empty when the server has ended the stream
    public Optional<Event> next() throws IOException {
        String name = "";
        StringBuilder data = new StringBuilder();
        while (true) {
            Optional<String> line = line();
            if (line.isEmpty()) return Optional.empty();
            String text = line.get();
            if (text.isEmpty()) {
                if (!data.isEmpty()) return Optional.of(new Event(name.isEmpty() ? "message" : name, data.toString()));
                name = "";
            } else if (text.startsWith("event:")) {
                name = value(text, 6);
            } else if (text.startsWith("data:")) {
                if (!data.isEmpty()) data.append('\n');
                data.append(value(text, 5));
                if (data.length() > MAX_LINE) throw new IOException("an event is too long");
            }
        }
    }

    @Override
    public void close() throws IOException {
        exchange.close();
    }

    private Optional<String> line() throws IOException {
        try {
            return Optional.of(HttpExchange.line(in, MAX_LINE));
        } catch (EOFException ended) {
            return Optional.empty();
        }
    }

    private static String value(String line, int from) {
        return line.startsWith(" ", from) ? line.substring(from + 1) : line.substring(from);
    }
}
