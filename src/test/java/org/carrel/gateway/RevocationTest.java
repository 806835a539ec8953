package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;
import static org.carrel.gateway.support.Stage.BENS;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.session.SessionId;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.EchoSocket;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.Stage;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Rule R2: what was opened by a proof ends with it, under the usual limits, where a re-check by the clock would
/// come after 60 s. The patience of these tests is less than that.
class RevocationTest {
    private final Stage stage;

    RevocationTest() throws IOException {
        stage = new Stage();
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private static String request(Stage stage, SessionId id, String user, String what, String more) {
        return what + " HTTP/1.1\r\nHost: " + stage.origin(id) + "\r\nCookie: carrel_user=" + user
                + "\r\nOrigin: http://" + stage.origin(id) + "\r\n" + more + "\r\n";
    }

    private RawClient webSocket(SessionId id, String user) throws IOException {
        RawClient client = stage.client();
        client.send(request(
                stage,
                id,
                user,
                "GET /websocket/",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
        assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 101 ");
        return client;
    }

    private static void assertPolicyClose(RawClient client) throws IOException {
        EchoSocket.Frame close = EchoSocket.read(client.in());
        assertThat(close.opcode()).isEqualTo(8);
        assertThat(close.payload()[0] << 8 | close.payload()[1] & 0xff).isEqualTo(1008);
        assertThat(client.readToEnd()).isEmpty();
    }

    private static void assertEchoes(RawClient client) throws IOException {
        client.send(EchoSocket.frame(0x81, "still here".getBytes(ISO_8859_1), true));
        assertThat(new String(EchoSocket.read(client.in()).payload(), ISO_8859_1))
                .isEqualTo("still here");
    }

    @Test
    void a_sign_out_closes_the_users_websockets_and_nobody_elses() throws Exception {
        try (Backend backend = new Backend(new EchoSocket())) {
            stage.with(ADAS, "ada", backend).with(BENS, "ben", backend);
            try (RawClient adas = webSocket(ADAS, "ada");
                    RawClient bens = webSocket(BENS, "ben")) {
                stage.signOut("ada");
                assertPolicyClose(adas);
                assertEchoes(bens);
            }
        }
    }

    @Test
    void after_a_sign_out_the_very_next_request_of_a_kept_connection_is_refused() throws Exception {
        Backend.Script page = (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na page".getBytes(ISO_8859_1));
            out.flush();
            return true;
        };
        try (Backend backend = new Backend(page)) {
            stage.with(ADAS, "ada", backend);
            try (RawClient client = stage.client()) {
                client.send(request(stage, ADAS, "ada", "GET /page", ""));
                assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 200 ");
                assertThat(client.read(6)).isEqualTo("a page");
                stage.signOut("ada");
                client.send(request(stage, ADAS, "ada", "GET /page", ""));
                assertThat(Backend.head(client.in())).doesNotStartWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void a_session_that_ends_takes_its_websockets_with_it() throws Exception {
        try (Backend backend = new Backend(new EchoSocket())) {
            stage.with(ADAS, "ada", backend).with(BENS, "ben", backend);
            try (RawClient adas = webSocket(ADAS, "ada");
                    RawClient bens = webSocket(BENS, "ben")) {
                stage.endAndShow(ADAS);
                assertPolicyClose(adas);
                assertEchoes(bens);
            }
        }
    }

    @Test
    void a_sign_out_cuts_a_splice_of_raw_bytes() throws Exception {
        Backend.Script tcp = (request, in, out) -> {
            out.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
                    .getBytes(ISO_8859_1));
            out.flush();
            in.readAllBytes();
            return false;
        };
        try (Backend backend = new Backend(tcp)) {
            stage.with(ADAS, "ada", backend);
            try (RawClient client = stage.client()) {
                client.send(request(stage, ADAS, "ada", "GET /t", "Connection: upgrade\r\nUpgrade: tcp\r\n"));
                assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 101 ");
                stage.signOut("ada");
                assertThat(client.readToEnd()).isEmpty();
            }
            Await.until(() -> stage.longConnections() == 0 && backend.openConnections() == 0);
        }
    }

    @Test
    void a_sign_out_cuts_an_answer_that_is_under_way_and_one_that_is_waited_for() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Backend.Script slow = (request, in, out) -> {
            if (request.line().startsWith("GET /under-way"))
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".getBytes(ISO_8859_1));
            out.flush();
            awaitQuietly(never);
            return false;
        };
        try (Backend backend = new Backend(slow)) {
            stage.with(ADAS, "ada", backend);
            try (RawClient underWay = stage.client();
                    RawClient waited = stage.client()) {
                underWay.send(request(stage, ADAS, "ada", "GET /under-way", ""));
                assertThat(Backend.head(underWay.in())).startsWith("HTTP/1.1 200 ");
                assertThat(underWay.read(4)).isEqualTo("half");
                waited.send(request(stage, ADAS, "ada", "GET /waited-for", ""));
                Await.until(() -> backend.openConnections() == 2);
                stage.signOut("ada");
                assertThat(underWay.readToEnd()).isEmpty();
                assertThat(Backend.head(waited.in())).startsWith("HTTP/1.1 401 ");
            }
        } finally {
            never.countDown();
        }
    }

    @Test
    void a_sign_out_ends_the_users_event_streams() throws Exception {
        EndlessFeed feed = new EndlessFeed();
        stage.withPortal(request -> new Answer.Events(feed));
        try (RawClient client = stage.client()) {
            client.send("GET /events HTTP/1.1\r\nHost: " + stage.portal() + "\r\nCookie: carrel_user=ada\r\n\r\n");
            assertThat(Backend.head(client.in())).contains("text/event-stream");
            stage.signOut("ada");
            assertThat(client.read(5)).as("the end of the chunks").isEqualTo("0\r\n\r\n");
            assertThat(feed.closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_sign_out_closes_what_was_kept_for_the_users_next_request() throws Exception {
        try (Backend backend = Backend.answering(request -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            stage.with(ADAS, "ada", backend).with(BENS, "ben", backend);
            try (RawClient adas = stage.client();
                    RawClient bens = stage.client()) {
                assertThat(adas.exchange(request(stage, ADAS, "ada", "GET /", ""))
                                .body())
                        .isEqualTo("ok");
                assertThat(bens.exchange(request(stage, BENS, "ben", "GET /", ""))
                                .body())
                        .isEqualTo("ok");
                assertThat(stage.openLeases()).isEqualTo(2);
                stage.signOut("ada");
                Await.until(() -> stage.openLeases() == 1 && backend.openConnections() == 1);
                assertThat(adas.exchange(request(stage, ADAS, "ada", "GET /", ""))
                                .head())
                        .as("on the connection that was believed a moment ago")
                        .startsWith("HTTP/1.1 401 ");
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class EndlessFeed implements Feed<Answer.Event> {
        final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public Optional<Answer.Event> next(Duration patience) throws InterruptedException {
            closed.await(patience.toMillis(), TimeUnit.MILLISECONDS);
            return Optional.empty();
        }

        @Override
        public boolean ended() {
            return closed.getCount() == 0;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
