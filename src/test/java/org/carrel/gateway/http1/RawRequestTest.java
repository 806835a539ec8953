package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RawRequestTest {
    private static RawRequest parsed(String head) throws RefusedException {
        RawRequest request = new RawRequest(100);
        byte[] bytes = head.getBytes(ISO_8859_1);
        request.parse(bytes, bytes.length);
        return request;
    }

    private static String outcome(String bytes, int[] cuts) {
        ByteBuf in = Unpooled.buffer();
        HeadEnd end = new HeadEnd(1024);
        try {
            int length = -1;
            int from = 0;
            for (int cut : cuts) {
                in.writeBytes(bytes.substring(from, Math.max(from, cut)).getBytes(ISO_8859_1));
                from = Math.max(from, cut);
                length = end.find(in);
                if (length >= 0) break;
            }
            if (length < 0) {
                in.writeBytes(bytes.substring(from).getBytes(ISO_8859_1));
                length = end.find(in);
            }
            if (length < 0) return "more";
            RawRequest request = parsed(in.toString(0, length, ISO_8859_1));
            return request.method() + " " + request.path() + " " + request.query() + " " + request.host() + " "
                    + request.contentLength() + request.isChunked()
                    + request.fields().all();
        } catch (RefusedException refused) {
            return refused.status() + refused.why();
        }
    }

    @Test
    void the_parts_of_a_request_are_found() throws RefusedException {
        RawRequest request = parsed("GET /a/b?c=d?e HTTP/1.1\r\nhost: Ada.Localhost:8080\r\nX-A:  b \r\n\r\n");
        assertThat(request.path()).isEqualTo("/a/b");
        assertThat(request.query()).isEqualTo("c=d?e");
        assertThat(request.host()).isEqualTo("ada.localhost");
        assertThat(request.authority()).isEqualTo("Ada.Localhost:8080");
        assertThat(request.fields().all().get(1).value()).isEqualTo("b");
    }

    @Test
    void an_upgrade_counts_only_when_the_connection_says_so_too() throws RefusedException {
        String start = "GET / HTTP/1.1\r\nHost: a\r\n";
        assertThat(parsed(start + "Upgrade: websocket\r\n\r\n").upgrade()).isEmpty();
        assertThat(parsed(start + "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n")
                        .isWebSocket())
                .isTrue();
        assertThat(parsed(start + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
                        .upgrade())
                .isEmpty();
        assertThat(parsed(start + "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n")
                        .upgrade())
                .isEmpty();
        assertThat(parsed(start + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n").upgrade())
                .isEqualTo("tcp");
    }

    @Test
    void a_websocket_has_no_body_and_begins_with_get() {
        String lines = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
        assertThatThrownBy(() -> parsed("GET / HTTP/1.1\r\n" + lines + "Content-Length: 1\r\n\r\n"))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> parsed("POST / HTTP/1.1\r\n" + lines + "\r\n")).isInstanceOf(RefusedException.class);
    }

    @Test
    void the_proof_of_a_request_is_all_its_cookies_and_credentials() throws RefusedException {
        String start = "GET / HTTP/1.1\r\nHost: a\r\n";
        RawRequest one = parsed(start + "Cookie: a=b\r\nAuthorization: Bearer x\r\n\r\n");
        byte[] proof = one.proof();
        assertThat(one.hasProof(proof)).isTrue();
        assertThat(parsed(start + "Cookie: a=b\r\nX-A: b\r\nAuthorization: Bearer x\r\n\r\n")
                        .hasProof(proof))
                .isTrue();
        assertThat(parsed(start + "Cookie: a=b\r\n\r\n").hasProof(proof)).isFalse();
        assertThat(parsed(start + "\r\n").hasProof(proof)).isFalse();
        assertThat(parsed(start + "Cookie: a=b\r\nAuthorization: Bearer xy\r\n\r\n")
                        .hasProof(proof))
                .isFalse();
        assertThat(parsed(start + "Cookie: a=b\r\nAuthorization: Bearer x\r\nCookie: c=d\r\n\r\n")
                        .hasProof(proof))
                .isFalse();
        assertThat(one.hasProof(new byte[0])).isFalse();
        assertThat(parsed(start + "\r\n").hasProof(new byte[0])).isTrue();
    }

    @Test
    void however_a_head_is_cut_the_outcome_is_the_same() {
        String[] pieces = {
            "GET / HTTP/1.1", "GET /a%2e?b HTTP/1.1", "POST /../ HTTP/1.1", "\r\n", "\r\n", "\r\n", "\n", "\r",
            "Host: a", "Host: a", "Content-Length: 3", "Transfer-Encoding: chunked", "X_A: b", "x-a : b", ": ", "\u0000"
        };
        Random random = new Random(20261122);
        int refused = 0;
        int sound = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder head = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\n");
            if (random.nextInt(3) == 0) head.setLength(0);
            for (int i = random.nextInt(6); i >= 0; i--) head.append(pieces[random.nextInt(pieces.length)]);
            String bytes = head + (random.nextBoolean() ? "\r\n\r\n" : "");
            String whole = outcome(bytes, new int[0]);
            int[] every = new int[bytes.length()];
            for (int i = 0; i < every.length; i++) every[i] = i + 1;
            assertThat(outcome(bytes, every)).as(bytes).isEqualTo(whole);
            int[] some = random.ints(2, 0, bytes.length() + 1).sorted().toArray();
            assertThat(outcome(bytes, some)).as(bytes).isEqualTo(whole);
            if (Character.isDigit(whole.charAt(0))) refused++;
            else if (!whole.equals("more")) sound++;
        }
        assertThat(refused).isGreaterThan(1000);
        assertThat(sound).isGreaterThan(1000);
    }
}
