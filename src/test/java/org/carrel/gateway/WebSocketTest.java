package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;
import static org.carrel.gateway.support.Stage.BENS;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.kind.ProxyRules.Marked;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.EchoSocket;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebSocketTest {
    private EchoSocket echo;
    private Backend backend;
    private Stage stage;

    @BeforeEach
    void open() throws IOException {
        echo = new EchoSocket();
        backend = new Backend(echo);
        stage = new Stage().with(ADAS, "ada", backend).with(BENS, "ben", backend);
    }

    @AfterEach
    void close() throws IOException {
        stage.close();
        backend.close();
    }

    private String upgrade(String lines) {
        return upgrade("", lines);
    }

    private String upgrade(String query, String lines) {
        return "GET /websocket/" + query + " HTTP/1.1\r\nHost: " + stage.origin(ADAS)
                + "\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + lines + "\r\n";
    }

    private RawClient connected() throws IOException {
        RawClient client = stage.client();
        client.send(upgrade("Cookie: carrel_user=ada\r\nOrigin: http://" + stage.origin(ADAS) + "\r\n"));
        assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 101 ");
        return client;
    }

    @Test
    void on_a_marked_websocket_only_messages_with_the_letter_are_the_users() throws IOException {
        stage.with(
                ADAS,
                "ada",
                backend.endpoint(),
                new ProxyRules(
                        ProxyRules.Prefix.STRIP, ProxyRules.Host.PUBLIC, Optional.of(new Marked("its-mark=1", 'm'))),
                List.of());
        for (String query : List.of("?its-mark=1", "?its-mark=2"))
            try (RawClient client = stage.client()) {
                long before = stage.input();
                client.send(upgrade(query, "Cookie: carrel_user=ada\r\nOrigin: http://" + stage.origin(ADAS) + "\r\n"));
                assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 101 ");
                for (String message : List.of("p12", "m1 hello", "a7")) {
                    client.send(text(message));
                    EchoSocket.read(client.in());
                }
                assertThat(stage.input() - before).as(query).isEqualTo(query.endsWith("1") ? 8 : 13);
            }
    }

    private static byte[] text(String text) {
        return EchoSocket.frame(0x81, text.getBytes(ISO_8859_1), true);
    }

    private void restart(Limits limits) throws IOException {
        stage.close();
        stage = new Stage(Stage.settings(limits)).with(ADAS, "ada", backend);
    }

    @Test
    void frames_pass_both_ways_and_what_the_user_sent_is_counted() throws IOException {
        try (RawClient client = connected()) {
            for (int i = 0; i < 100; i++) {
                client.send(text("hello " + i));
                assertThat(new String(EchoSocket.read(client.in()).payload(), ISO_8859_1))
                        .isEqualTo("hello " + i);
            }
            assertThat(stage.input()).isEqualTo(10 * 7 + 90 * 8);
            client.send(EchoSocket.frame(0x89, new byte[5], true));
            client.send(text("x"));
            EchoSocket.read(client.in());
            assertThat(stage.input()).as("a ping doesn't count").isEqualTo(10 * 7 + 90 * 8 + 1);
            assertThat(stage.longConnections()).isEqualTo(1);
            assertThat(stage.metrics().openWebSockets()).isEqualTo(1);
        }
        Await.until(() -> stage.longConnections() == 0 && backend.openConnections() == 0);
        assertThat(stage.metrics().openWebSockets()).isZero();
    }

    @Test
    void large_frames_pass_in_any_cut() throws IOException {
        try (RawClient client = connected()) {
            byte[] frame = EchoSocket.frame(0x82, new byte[300_000], true);
            for (int at = 0; at < frame.length; at += 7_777)
                client.send(java.util.Arrays.copyOfRange(frame, at, Math.min(frame.length, at + 7_777)));
            assertThat(EchoSocket.read(client.in()).payload()).hasSize(300_000);
        }
    }

    @Test
    void a_close_is_passed_on_and_answered() throws IOException {
        try (RawClient client = connected()) {
            client.send(EchoSocket.frame(0x88, new byte[] {3, (byte) 0xe8}, true));
            assertThat(EchoSocket.read(client.in()).opcode()).isEqualTo(8);
            assertThat(client.readToEnd()).isEmpty();
            assertThat(echo.closes).hasValue(1);
        }
    }

    @Test
    void the_origin_must_be_the_sessions_own_to_the_letter() throws IOException {
        String port = ":" + stage.gateway().address().getPort();
        for (String origin : List.of(
                "https://" + stage.origin(ADAS),
                "http://" + ADAS + ".localhost",
                "http://" + ADAS + ".localhost:1",
                "http://" + stage.origin(BENS),
                "http://localhost" + port,
                "http://evil.example",
                "http://" + stage.origin(ADAS) + "/",
                "http://" + stage.origin(ADAS).toUpperCase(java.util.Locale.ROOT),
                "null",
                "")) {
            try (RawClient client = stage.client()) {
                String lines = "Cookie: carrel_user=ada\r\nOrigin: " + origin + "\r\n";
                assertThat(client.exchange(upgrade(lines)).status()).as(origin).isEqualTo(403);
            }
        }
        try (RawClient client = stage.client()) {
            assertThat(client.exchange(upgrade("Cookie: carrel_user=ada\r\n")).status())
                    .as("absent")
                    .isEqualTo(403);
        }
        try (RawClient client = stage.client()) {
            String own = "Origin: http://" + stage.origin(ADAS) + "\r\n";
            assertThat(client.exchange(upgrade("Cookie: carrel_user=ada\r\n" + own + own))
                            .status())
                    .as("twice")
                    .isEqualTo(403);
        }
        assertThat(backend.connections()).isZero();
        assertThat(stage.metrics().refusals(GatewayMetrics.Refusal.ORIGIN)).isEqualTo(12);
    }

    @Test
    void a_program_with_a_token_needs_no_origin_but_may_not_have_a_wrong_one() throws IOException {
        try (RawClient client = stage.client()) {
            client.send(upgrade("Authorization: Bearer ada\r\n"));
            assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 101 ");
            assertThat(backend.last().header("Authorization")).isEmpty();
        }
        try (RawClient client = stage.client()) {
            String lines = "Authorization: Bearer ada\r\nOrigin: http://evil.example\r\n";
            assertThat(client.exchange(upgrade(lines)).status()).isEqualTo(403);
        }
    }

    @Test
    void another_users_session_is_absent_for_websockets_too() throws IOException {
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange(
                    upgrade("Cookie: carrel_user=ben\r\nOrigin: http://" + stage.origin(ADAS) + "\r\n"));
            assertThat(reply.status()).isEqualTo(404);
        }
        try (RawClient client = stage.client()) {
            assertThat(client.exchange(upgrade("")).status()).as("nobody").isEqualTo(401);
        }
        assertThat(backend.connections()).isZero();
    }

    @Test
    void a_broken_frame_closes_both_sides_and_does_not_reach_the_workload() throws IOException {
        try (RawClient client = connected()) {
            client.send(EchoSocket.frame(0x81, "unmasked".getBytes(ISO_8859_1), false));
            EchoSocket.Frame close = EchoSocket.read(client.in());
            assertThat(close.opcode()).isEqualTo(8);
            assertThat(close.payload()[0] << 8 | close.payload()[1] & 0xff).isEqualTo(1002);
            client.readToEnd();
        }
        Await.until(() -> backend.openConnections() == 0);
        assertThat(backend.rawBytes()).doesNotContain("unmasked");
    }

    @Test
    void a_frame_over_the_limit_is_refused_by_its_header() throws IOException {
        try (RawClient client = connected()) {
            client.send(new byte[] {(byte) 0x82, (byte) 0xff, 0, 0, 0, 0, 4, 0, 0, 1, 0, 0, 0, 0});
            EchoSocket.Frame close = EchoSocket.read(client.in());
            assertThat(close.payload()[0] << 8 | close.payload()[1] & 0xff).isEqualTo(1009);
        }
    }

    @Test
    void a_silent_client_is_pinged_and_closed_when_it_has_gone() throws IOException {
        Limits.Silences d = Limits.Silences.DEFAULT;
        Duration ping = Duration.ofMillis(200);
        restart(new Limits(
                Limits.Sizes.DEFAULT,
                Limits.Counts.DEFAULT,
                new Limits.Silences(
                        d.head(),
                        d.body(),
                        d.keepAlive(),
                        d.connect(),
                        d.answer(),
                        d.upstreamIdle(),
                        d.stall(),
                        ping,
                        d.recheck())));
        try (RawClient client = connected()) {
            for (int i = 0; i < 4; i++) {
                assertThat(EchoSocket.read(client.in()).opcode()).isEqualTo(9);
                client.send(EchoSocket.frame(0x8a, new byte[0], true));
            }
            Await.until(() -> echo.pongs.get() == 4);
            assertThat(EchoSocket.read(client.in()).opcode()).isEqualTo(9);
            assertThat(EchoSocket.read(client.in()).opcode()).isEqualTo(9);
            assertThat(client.readToEnd()).isEmpty();
        }
        Await.until(() -> backend.openConnections() == 0);
    }

    @Test
    void a_websocket_is_closed_when_its_session_is_no_longer_allowed() throws IOException {
        Limits.Silences d = Limits.Silences.DEFAULT;
        restart(new Limits(
                Limits.Sizes.DEFAULT,
                Limits.Counts.DEFAULT,
                new Limits.Silences(
                        d.head(),
                        d.body(),
                        d.keepAlive(),
                        d.connect(),
                        d.answer(),
                        d.upstreamIdle(),
                        d.stall(),
                        d.ping(),
                        Duration.ofMillis(100))));
        try (RawClient client = connected()) {
            stage.end(ADAS);
            EchoSocket.Frame close = EchoSocket.read(client.in());
            assertThat(close.payload()[0] << 8 | close.payload()[1] & 0xff).isEqualTo(1008);
            assertThat(client.readToEnd()).isEmpty();
        }
        Await.until(() -> stage.openLeases() == 0);
    }

    @Test
    void a_gateway_that_goes_says_so() throws Exception {
        try (RawClient client = connected()) {
            Thread closing = Thread.ofVirtual().start(stage::close);
            EchoSocket.Frame close = EchoSocket.read(client.in());
            assertThat(close.payload()[0] << 8 | close.payload()[1] & 0xff).isEqualTo(1001);
            assertThat(client.readToEnd()).isEmpty();
            closing.join();
        }
    }
}
