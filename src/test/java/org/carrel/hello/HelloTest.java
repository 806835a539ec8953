package org.carrel.hello;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HelloTest {
    private Hello hello;
    private String base;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void open() throws IOException {
        hello = Hello.onPort(0);
        base = "127.0.0.1:" + hello.port();
        Thread.ofVirtual().start(() -> {
            try {
                hello.serve();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        hello.close();
        client.close();
    }

    @Test
    void says_who_uses_it() throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://" + base + "/who"))
                .header("X-Carrel-User", "ada\"<")
                .build();
        assertThat(client.send(request, BodyHandlers.ofString()).body()).contains("\"user\":\"ada\\\"<\"");
    }

    @Test
    void its_counter_lives_in_the_process() throws Exception {
        var post = HttpRequest.newBuilder(URI.create("http://" + base + "/count"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        client.send(post, BodyHandlers.ofString());
        assertThat(client.send(post, BodyHandlers.ofString()).body()).isEqualTo("{\"count\":2}");
    }

    @Test
    void echoes_what_a_websocket_sends() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = client.newWebSocketBuilder()
                .buildAsync(URI.create("ws://" + base + "/echo"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                        heard.add(data.toString());
                        from.request(1);
                        return java.util.concurrent.CompletableFuture.completedFuture(null);
                    }
                })
                .join();
        String text = "é".repeat(300);
        socket.sendText(text, true).join();
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(text);
        socket.abort();
    }
}
