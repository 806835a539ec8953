package org.carrel.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.carrel.domain.user.Principal;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.carrel.http.Header;
import org.carrel.http.Request.Proof;
import org.carrel.support.TestRequest;

/// The real API behind a real HTTP server on loopback, for tests of clients.
public final class ApiServer implements AutoCloseable {
    public final ApiHouse house = new ApiHouse();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    public ApiServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    public String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (house.api.answer(requestOf(exchange))) {
                case Answer.Whole whole -> write(exchange, whole);
                case Answer.Events events -> write(exchange, events);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private TestRequest requestOf(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        TestRequest request = TestRequest.of(
                        exchange.getRequestMethod(), exchange.getRequestURI().toString())
                .at("http", exchange.getRequestHeaders().getFirst("Host"));
        for (var field : exchange.getRequestHeaders().entrySet())
            if (!field.getKey().startsWith("Content-"))
                for (String value : field.getValue()) request = request.with(field.getKey(), value);
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (!body.isEmpty()) request = request.body(String.valueOf(type), body);
        Optional<Principal> who = house.bearer(request.header("Authorization"));
        return who.isPresent() ? request.by(who.get(), Proof.TOKEN) : request;
    }

    private static void write(HttpExchange exchange, Answer.Whole whole) throws IOException {
        for (Header header : whole.headers()) exchange.getResponseHeaders().add(header.name(), header.value());
        exchange.sendResponseHeaders(whole.status(), whole.body().length == 0 ? -1 : whole.body().length);
        if (whole.body().length > 0) exchange.getResponseBody().write(whole.body());
    }

    private static void write(HttpExchange exchange, Answer.Events events) throws IOException, InterruptedException {
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (Feed<Answer.Event> feed = events.feed();
                OutputStream out = exchange.getResponseBody()) {
            while (!feed.ended()) {
                Optional<Answer.Event> event = feed.next(Duration.ofMillis(100));
                String text = event.map(it -> "event: " + it.name() + "\ndata: " + it.data() + "\n\n")
                        .orElse(": still here\n\n");
                out.write(text.getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        }
    }
}
