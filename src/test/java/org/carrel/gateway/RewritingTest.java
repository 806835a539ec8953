package org.carrel.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;

import java.io.IOException;
import java.util.Optional;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is kept with a lease for the next request must not be used for one that is asked otherwise.
class RewritingTest {
    private Backend backend;
    private Stage stage;

    @BeforeEach
    void open() throws IOException {
        backend = Backend.echo();
        stage = new Stage().with(ADAS, "ada", backend);
    }

    @AfterEach
    void close() throws IOException {
        stage.close();
        backend.close();
    }

    @Test
    void a_token_that_proved_its_user_stays_here_though_a_request_with_a_cookie_went_before() throws IOException {
        try (RawClient client = stage.client()) {
            client.exchange(head("/", stage.origin(ADAS), "Cookie: carrel_user=ada\r\nAuthorization: Basic b3du\r\n"));
            assertThat(backend.last().header("Authorization")).contains("Basic b3du");
            client.exchange(head("/", stage.origin(ADAS), "Authorization: Bearer ada\r\n"));
            assertThat(backend.last().header("Authorization")).isEmpty();
            client.exchange(head("/", stage.origin(ADAS), "Cookie: carrel_user=ada\r\nAuthorization: Basic b3du\r\n"));
            assertThat(backend.last().header("Authorization")).contains("Basic b3du");
        }
    }

    @Test
    void one_session_used_by_two_addresses_is_told_each_time_which_one() throws IOException {
        String bare = "127.0.0.1:" + stage.gateway().address().getPort();
        try (RawClient client = stage.client()) {
            for (int round = 0; round < 2; round++) {
                client.exchange(head("/x", stage.origin(ADAS), "Cookie: carrel_user=ada\r\n"));
                assertThat(backend.last().header("X-Forwarded-Host")).contains(stage.origin(ADAS));
                assertThat(backend.last().header("X-Forwarded-Prefix")).isEqualTo(Optional.empty());
                client.exchange(head("/s/" + ADAS + "/x", bare, "Cookie: carrel_user=ada\r\n"));
                assertThat(backend.last().header("X-Forwarded-Host")).contains(bare);
                assertThat(backend.last().header("X-Forwarded-Prefix")).contains("/s/" + ADAS);
                assertThat(backend.last().line()).startsWith("GET /x ");
            }
        }
    }

    @Test
    void a_large_answer_arrives_whole_and_in_order() throws IOException {
        StringBuilder large = new StringBuilder();
        for (int i = 0; large.length() < 3 << 20; i++) large.append(i).append(' ');
        try (Backend generous = Backend.answering(seen -> "HTTP/1.1 200 OK\r\nContent-Length: " + large.length()
                + "\r\nContent-Type: text/plain\r\n\r\n" + large)) {
            stage.with(Stage.BENS, "ben", generous);
            try (RawClient client = stage.client()) {
                for (int round = 0; round < 3; round++)
                    assertThat(client.exchange(head("/", stage.origin(Stage.BENS), "Cookie: carrel_user=ben\r\n"))
                                    .body())
                            .isEqualTo(large.toString());
            }
        }
    }

    private static String head(String path, String host, String fields) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
    }
}
