package org.carrel.e2e;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What a session of RStudio's has to tell its page: numbered, and kept until a later poll says that it was seen
/// (SessionClientEventService.cpp). Polls are answered one after the other by one thread, which doesn't notice when the
/// asker has gone: what it said to nobody is said again to the next one that asks.
final class RStudioEvents {
    static final int INVALID_CLIENT_ID = 4;
    private static final Duration HELD = Duration.ofSeconds(50);
    private static final Duration BATCH = Duration.ofMillis(20);
    private static final Duration LONGEST_BATCH = Duration.ofSeconds(2);
    private static final int MAX_WAITING = 200_000;
    private static final int MAX_POLLS = 1_000;

    private final LinkedBlockingQueue<Said> said = new LinkedBlockingQueue<>(MAX_WAITING);
    private final LinkedBlockingQueue<Poll> polls = new LinkedBlockingQueue<>(MAX_POLLS);
    private final List<Event> unseen = new ArrayList<>();
    private volatile String client = "";
    private int next;

    /// @param data JSON
    private record Said(String type, String data) {}

    private record Event(int id, Said said) {
        String json() {
            return "{\"id\":" + id + ",\"type\":\"" + said.type + "\",\"data\":" + said.data + "}";
        }
    }

    private record Poll(HttpExchange exchange, String client, int lastSeen) {}

    void newClient(String id) {
        client = id;
    }

    boolean isClient(String id) {
        return client.equals(id);
    }

    /// @param data JSON
    void add(String type, String data) {
        said.add(new Said(type, data));
    }

    /// @param lastSeen by the page, -1 when it begins
    void poll(HttpExchange exchange, String asker, int lastSeen) {
        polls.add(new Poll(exchange, asker, lastSeen));
    }

    void serve() {
        try {
            while (true) {
                Poll poll = polls.take();
                try {
                    serve(poll);
                } catch (IOException gone) {
                    // and the real one doesn't care either
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Poll poll) throws IOException, InterruptedException {
        if (!isClient(poll.client)) {
            error(poll.exchange, INVALID_CLIENT_ID, "Invalid client id");
            return;
        }
        unseen.removeIf(event -> event.id <= poll.lastSeen);
        next = Math.max(next, poll.lastSeen + 1);
        Said one = unseen.isEmpty() ? said.poll(HELD.toSeconds(), TimeUnit.SECONDS) : said.poll();
        long end = System.nanoTime() + LONGEST_BATCH.toNanos();
        while (one != null) {
            unseen.add(new Event(next++, one));
            one = System.nanoTime() < end ? said.poll(BATCH.toMillis(), TimeUnit.MILLISECONDS) : null;
        }
        if (isClient(poll.client))
            result(
                    poll.exchange,
                    "[" + String.join(",", unseen.stream().map(Event::json).toList()) + "]");
        else error(poll.exchange, INVALID_CLIENT_ID, "Invalid client id");
    }

    /// @param json the result
    static void result(HttpExchange exchange, String json) throws IOException {
        send(exchange, "application/json", "{\"result\":" + json + "}");
    }

    static void error(HttpExchange exchange, int code, String message) throws IOException {
        send(exchange, "application/json", "{\"error\":{\"code\":" + code + ",\"message\":\"" + message + "\"}}");
    }

    static void send(HttpExchange exchange, String type, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.getResponseHeaders().set("Connection", "close");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
