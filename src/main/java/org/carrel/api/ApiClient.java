package org.carrel.api;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Speaks to the REST interface. Blocking; may be used from several threads. Paths are those of `ApiWords`.
///
/// Every method throws `ApiException` when the server answers with an error, and another `IOException` when it can't be
/// reached or breaks off.
public final class ApiClient {
    private static final int MAX_ANSWER = 64 * 1024 * 1024;
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final Duration STREAM_SILENCE = Duration.ofSeconds(60);

    private final ServerAddress address;
    private final Optional<String> authorization;

    private ApiClient(ServerAddress address, Optional<String> authorization) {
        this.address = address;
        this.authorization = authorization;
    }

    public static ApiClient anonymous(ServerAddress address) {
        return new ApiClient(address, Optional.empty());
    }

    public static ApiClient withToken(ServerAddress address, String token) {
        return new ApiClient(address, Optional.of("Bearer " + token));
    }

    public static ApiClient withPassword(ServerAddress address, String user, char[] password) {
        byte[] pair = (user + ":" + new String(password)).getBytes(StandardCharsets.UTF_8);
        return new ApiClient(address, Optional.of("Basic " + Base64.getEncoder().encodeToString(pair)));
    }

    public ServerAddress address() {
        return address;
    }

    /// On the node's own socket an administrator asks, who has no sessions.
    public boolean isLocal() {
        return address instanceof ServerAddress.Local;
    }

    public <T> T get(String path, Class<T> type) throws IOException {
        return Json.readAnswer(send("GET", path, new byte[0], "application/json"), type);
    }

    public <T> List<T> list(String path, Class<T> type) throws IOException {
        return Json.readItems(send("GET", path, new byte[0], "application/json"), type);
    }

    public String text(String path) throws IOException {
        return new String(send("GET", path, new byte[0], "text/plain"), StandardCharsets.UTF_8);
    }

    public <T> T post(String path, Object body, Class<T> type) throws IOException {
        return Json.readAnswer(send("POST", path, Json.bytes(body), "application/json"), type);
    }

    public <T> T delete(String path, Class<T> type) throws IOException {
        return Json.readAnswer(send("DELETE", path, new byte[0], "application/json"), type);
    }

    public void delete(String path) throws IOException {
        send("DELETE", path, new byte[0], "*/*");
    }

    /// The caller closes it.
    public EventReader follow(String path) throws IOException {
        return follow("GET", path, new byte[0]);
    }

    /// Does something, and follows what comes of it. The caller closes it.
    public EventReader postAndFollow(String path, Object body) throws IOException {
        return follow("POST", path, Json.bytes(body));
    }

    private EventReader follow(String method, String path, byte[] body) throws IOException {
        HttpExchange exchange =
                HttpExchange.send(address, method, path, fields("text/event-stream"), body, STREAM_SILENCE);
        try {
            if (exchange.status() != 200) throw error(exchange);
            return new EventReader(exchange);
        } catch (IOException | RuntimeException broken) {
            exchange.close();
            throw broken;
        }
    }

    private byte[] send(String method, String path, byte[] body, String accept) throws IOException {
        try (HttpExchange exchange = HttpExchange.send(address, method, path, fields(accept), body, SILENCE)) {
            if (exchange.status() < 200 || exchange.status() > 299) throw error(exchange);
            return readAll(exchange.body());
        }
    }

    private List<String> fields(String accept) {
        List<String> fields = new ArrayList<>();
        fields.add("Accept: " + accept);
        fields.add("User-Agent: carrel");
        authorization.ifPresent(value -> fields.add("Authorization: " + value));
        return fields;
    }

    private static ApiException error(HttpExchange exchange) throws IOException {
        byte[] body = readAll(exchange.body());
        boolean ours = exchange.header("Content-Type").orElse("").startsWith(ApiWords.PROBLEM_TYPE);
        Optional<Problem> problem = ours ? Optional.of(Json.readAnswer(body, Problem.class)) : Optional.empty();
        return new ApiException(exchange.status(), problem);
    }

    private static byte[] readAll(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(MAX_ANSWER + 1);
        if (bytes.length > MAX_ANSWER) throw new IOException("the answer is longer than " + MAX_ANSWER + " bytes");
        return bytes;
    }
}
