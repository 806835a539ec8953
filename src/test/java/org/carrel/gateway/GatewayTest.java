package org.carrel.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;
import static org.carrel.gateway.support.Stage.BENS;

import java.io.IOException;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayTest {
    private Backend backend;
    private Stage stage;

    @BeforeEach
    void open() throws IOException {
        backend = Backend.echo();
        stage = new Stage().with(ADAS, "ada", backend).with(BENS, "ben", backend);
    }

    @AfterEach
    void close() throws IOException {
        stage.close();
        backend.close();
    }

    @Test
    void a_request_to_a_session_reaches_its_workload_and_the_answer_comes_back() throws IOException {
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange(stage.get("/plot?n=1"));
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).startsWith("GET /plot?n=1 HTTP/1.1\r\n");
        }
    }

    @Test
    void many_requests_go_over_one_client_connection_and_one_to_the_workload() throws IOException {
        try (RawClient client = stage.client()) {
            for (int i = 0; i < 20; i++)
                assertThat(client.exchange(stage.get("/" + i)).body()).startsWith("GET /" + i + " ");
        }
        assertThat(backend.connections()).isEqualTo(1);
        assertThat(stage.admissions()).isEqualTo(1);
        assertThat(stage.identifications()).isEqualTo(1);
    }

    @Test
    void what_is_not_a_sessions_goes_to_the_portals_pages() throws IOException {
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange("GET /cluster HTTP/1.1\r\nHost: " + stage.portal() + "\r\n\r\n");
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).isEqualTo("portal /cluster\n");
            assertThat(reply.header("X-Content-Type-Options")).contains("nosniff");
        }
        assertThat(backend.seen()).isEmpty();
    }

    @Test
    void another_users_session_is_absent_and_its_workload_sees_nothing() throws IOException {
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange(
                    "GET / HTTP/1.1\r\nHost: " + stage.origin(BENS) + "\r\nCookie: carrel_user=ada\r\n\r\n");
            assertThat(reply.status()).isEqualTo(404);
        }
        assertThat(backend.connections()).isZero();
    }
}
