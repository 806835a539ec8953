package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.carrel.gateway.support.Stage.ADAS;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.EchoSocket;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.carrel.gateway.tls.Certificate;
import org.carrel.support.PemFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsListenerTest {
    private static final int LARGE = 5 << 20;

    @TempDir
    static Path made;

    private static PemFiles files;
    private Certificate certificate;
    private Backend backend;
    private Stage stage;

    @BeforeAll
    static void make() throws Exception {
        files = PemFiles.make(made, "portal");
    }

    @BeforeEach
    void open() throws Exception {
        certificate = Certificate.open(files.certificate(), files.key(), InstantSource.system());
        backend = new Backend((request, in, out) -> {
            byte[] body = request.line().startsWith("GET /large")
                    ? large()
                    : ("got " + request.body().length).getBytes(ISO_8859_1);
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(ISO_8859_1));
            out.write(body);
            return true;
        });
        stage = new Stage(Stage.settings(Limits.DEFAULT).with(certificate::context)).with(ADAS, "ada", backend);
    }

    @AfterEach
    void close() throws IOException {
        stage.close();
        backend.close();
        certificate.close();
    }

    @Test
    void a_session_is_served_and_knows_that_its_browser_came_encrypted() throws Exception {
        try (RawClient client = client()) {
            assertThat(((SSLSocket) client.socket()).getSession().getProtocol()).isEqualTo("TLSv1.3");
            assertThat(client.exchange(stage.get("/small")).body()).isEqualTo("got 0");
            assertThat(client.exchange(stage.get("/again")).status()).isEqualTo(200);
        }
        assertThat(backend.seen().getFirst().header("X-Forwarded-Proto")).contains("https");
    }

    @Test
    void large_bodies_pass_whole_both_ways() throws Exception {
        try (RawClient client = client()) {
            Reply reply = client.exchange(stage.get("/large"));
            assertThat(reply.body()).hasSize(LARGE).isEqualTo(new String(large(), ISO_8859_1));
            String head = "POST /up HTTP/1.1\r\nHost: " + stage.origin(ADAS) + "\r\nOrigin: https://"
                    + stage.origin(ADAS) + "\r\nCookie: carrel_user=ada\r\nContent-Length: " + LARGE + "\r\n\r\n";
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.send(head).send(large());
                } catch (IOException broken) {
                    throw new IllegalStateException(broken);
                }
            });
            assertThat(client.reply().body()).isEqualTo("got " + LARGE);
            sent.join();
        }
    }

    @Test
    void a_websocket_passes() throws Exception {
        try (Backend echo = new Backend(new EchoSocket());
                RawClient client = client()) {
            stage.with(ADAS, "ada", echo);
            client.send("GET /ws HTTP/1.1\r\nHost: " + stage.origin(ADAS) + "\r\nOrigin: https://" + stage.origin(ADAS)
                    + "\r\nCookie: carrel_user=ada\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 101 ");
            client.send(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'});
            assertThat(client.in().readNBytes(4)).isEqualTo(new byte[] {(byte) 0x81, 2, 'h', 'i'});
        }
    }

    @Test
    void who_comes_in_the_clear_is_sent_to_the_encrypted_address() throws Exception {
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange("GET /app/faithful?x=1 HTTP/1.1\r\nHost: " + stage.portal() + "\r\n\r\n");
            assertThat(reply.status()).isEqualTo(308);
            assertThat(reply.header("Location")).contains("https://" + stage.portal() + "/app/faithful?x=1");
            assertThat(client.exchange(stage.get("/secret")).status()).isEqualTo(308);
        }
        assertThat(backend.seen()).isEmpty();
    }

    @Test
    void who_comes_in_the_clear_to_a_foreign_name_is_refused_and_led_nowhere() throws Exception {
        try (RawClient client = stage.client()) {
            assertThat(client.exchange("GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n")
                            .status())
                    .isEqualTo(421);
        }
    }

    @Test
    void old_versions_and_garbage_get_nowhere() throws Exception {
        assertThatThrownBy(() -> RawClient.encrypted(stage.gateway().address(), List.of("TLSv1.1")))
                .isInstanceOf(SSLException.class);
        try (RawClient client = stage.client()) {
            client.send(new byte[] {22, 3, 1, 0, 5, 1, 2, 3, 4, 5});
            client.readToEnd(); // an alert perhaps, and the end
        }
        assertThat(backend.seen()).isEmpty();
    }

    private RawClient client() throws IOException {
        return RawClient.encrypted(stage.gateway().address(), List.of("TLSv1.3", "TLSv1.2"));
    }

    private static byte[] large() {
        byte[] bytes = new byte[LARGE];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) ('a' + i % 23);
        return bytes;
    }
}
