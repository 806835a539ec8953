package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.door.DoorCounts.Turned;
import org.carrel.gateway.support.Stage;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.DoorUrl;
import org.carrel.port.Knock;
import org.carrel.port.Lease;
import org.carrel.support.Await;
import org.carrel.support.FakeAgent;
import org.carrel.support.Needs;
import org.carrel.support.Nginx;
import org.carrel.support.PemFiles;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A door behind the public listener, and real HTTP proxies before it.
class WebDoorTest {
    private static final SessionId ADAS = Stage.ADAS;
    private static final UserId ADA = new UserId("ada");
    private static final int IDLE = Integer.getInteger("carrel.idle", 7);

    @TempDir
    private Path temp;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private Lab lab;
    private Door door;
    private Stage stage;
    private Trust gateway;

    @BeforeEach
    void open() throws Exception {
        lab = new Lab(temp);
        EchoWorkload backend = lab.keep(new EchoWorkload());
        FakeAgent agent = FakeAgent.withApps();
        gateway = lab.node("gateway", Lab.BOTH);
        door = lab.door(
                lab.node("owner", Set.of(Role.AGENT)),
                DoorLimits.DEFAULT,
                knock -> admit(knock, backend),
                agent,
                (peer, path, body) -> {
                    throw new Calls.NoSuchCall(path);
                });
        stage = lab.keep(new Stage());
        stage.gateway().leadTo(lab.keep(new WebDoor(door)));
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static Verdict admit(Knock knock, EchoWorkload backend) {
        if (!knock.session().equals(ADAS) || !knock.by().user().equals(ADA)) return new Verdict.Absent();
        return new Verdict.Open(backend.endpoint(), ProxyRules.PLAIN, List.of(), new Lease() {
            @Override
            public void sawInput(long bytes) {}

            @Override
            public void connections(int change) {}

            @Override
            public boolean stillAllowed() {
                return true;
            }

            @Override
            public void close() {}
        });
    }

    @Test
    @Needs(Needs.Thing.NGINX)
    void bytes_pass_a_real_proxy_both_ways_and_each_direction_ends_by_itself() throws Exception {
        try (Nginx nginx = proxy("")) {
            Talk talk = talk(DoorUrl.of("ws://127.0.0.1:" + nginx.port() + "/n2"), gateway, ADA);
            String much = "0123456789abcdef".repeat(32 * 1024);
            talk.send(much);
            assertThat(talk.read(much.length())).isEqualTo(much);
            talk.send("last words");
            StreamBytes.endOutput(talk.channel());
            assertThat(talk.read(10)).isEqualTo("last words");
            assertThat(talk.closed().get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    @Needs(Needs.Thing.NGINX)
    void a_proxy_that_cuts_what_is_silent_finds_nothing_silent() throws Exception {
        try (Nginx nginx = proxy("proxy_read_timeout " + (IDLE - 1) + "s; proxy_send_timeout " + (IDLE - 1) + "s;")) {
            Talk talk = talk(DoorUrl.of("ws://127.0.0.1:" + nginx.port() + "/n2"), gateway, ADA);
            assertThatThrownBy(() -> talk.closed().get(IDLE + 1, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            talk.send("still here");
            assertThat(talk.read(10)).isEqualTo("still here");
        }
    }

    @Test
    @Needs(Needs.Thing.NGINX)
    void a_proxy_that_cuts_all_the_same_ends_the_connections_and_the_next_goes_on() throws Exception {
        try (Nginx nginx = proxy("proxy_read_timeout 3s;")) {
            DoorUrl url = DoorUrl.of("ws://127.0.0.1:" + nginx.port() + "/n2");
            Talk cut = talk(url, gateway, ADA);
            assertThat(cut.closed().get(20, TimeUnit.SECONDS)).isTrue();
            Talk next = talk(url, gateway, ADA);
            next.send("anew");
            assertThat(next.read(4)).isEqualTo("anew");
        }
        Await.until("nothing is left of it", () -> door.counts().connections() == 0);
    }

    @Test
    @Needs(Needs.Thing.NGINX)
    void a_proxy_with_tls_must_show_a_certificate_that_this_machine_trusts() throws Exception {
        PemFiles files = PemFiles.make(temp, "proxy");
        String before = System.getProperty("javax.net.ssl.trustStore");
        System.setProperty("javax.net.ssl.trustStore", temp.resolve("proxy.p12").toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "only-in-tests");
        String tls = "ssl_certificate %s; ssl_certificate_key %s;".formatted(files.certificate(), files.key());
        PemFiles unknown = PemFiles.make(Files.createDirectory(temp.resolve("u")), "unknown");
        String others = "ssl_certificate %s; ssl_certificate_key %s;".formatted(unknown.certificate(), unknown.key());
        try (Nginx nginx = Nginx.open(Files.createDirectory(temp.resolve("a")), "ssl", location("") + tls);
                Nginx stranger = Nginx.open(Files.createDirectory(temp.resolve("b")), "ssl", location("") + others)) {
            Talk talk = talk(DoorUrl.of("wss://localhost:" + nginx.port() + "/n2"), gateway, ADA);
            talk.send("inside");
            assertThat(talk.read(6)).isEqualTo("inside");
            assertThatThrownBy(() -> talk(DoorUrl.of("wss://localhost:" + stranger.port() + "/n2"), gateway, ADA))
                    .hasMessageContaining("PKIX");
        } finally {
            if (before == null) System.clearProperty("javax.net.ssl.trustStore");
            else System.setProperty("javax.net.ssl.trustStore", before);
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    @Test
    void whoever_is_no_gateway_of_the_cluster_gets_no_further_than_at_the_port() throws Exception {
        DoorUrl url = DoorUrl.of("ws://127.0.0.1:" + port() + WebDoor.PATH);
        assertThatThrownBy(() -> talk(url, lab.node("agent", Set.of(Role.AGENT)), ADA))
                .hasMessageContaining("the role gateway");
        try (Lab others = new Lab(Files.createDirectory(temp.resolve("others")))) {
            Trust stranger = others.node("stranger", Lab.BOTH);
            assertThatThrownBy(() -> talk(url, stranger, ADA)).isInstanceOf(CompletionException.class);
        }
        assertThatThrownBy(() -> talk(url, gateway, new UserId("ben"))).hasCauseInstanceOf(Refused.class);
        assertThat(door.counts().opened()).isZero();
    }

    @Test
    void only_a_nodes_request_is_upgraded_and_a_persons_cookie_is_of_no_use() throws Exception {
        String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        String version = "Sec-WebSocket-Version: 13\r\n";
        String protocol = "Sec-WebSocket-Protocol: carrel-door\r\n";
        for (String headers : List.of(
                key + version + "Cookie: carrel_user=admin\r\n",
                key + version + "Sec-WebSocket-Protocol: chat\r\n",
                key + protocol,
                key + "Sec-WebSocket-Version: 8\r\n" + protocol,
                version + protocol,
                "Sec-WebSocket-Key: short\r\n" + version + protocol))
            try (FrameSocket socket = new FrameSocket(port(), headers, 100)) {
                assertThat(socket.statusLine).as(headers).contains(" 400 ");
            }
        try (Stage off = new Stage();
                FrameSocket socket = FrameSocket.open(off.gateway().address().getPort(), 100)) {
            assertThat(socket.statusLine)
                    .as("a page like others, where it isn't switched on")
                    .doesNotContain(" 101 ");
        }
    }

    @Test
    void frames_that_make_no_sense_end_their_connection() throws Exception {
        for (int[] senseless : new int[][] {
            {0x81, 0x82, 0, 0, 0, 0, 'h', 'i'}, // text
            {0x82, 0x02, 1, 2}, // not masked
            {0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, // a terabyte
            {0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0}, // one byte too many
            {0xc2, 0x81, 0, 0, 0, 0, 1}, // compressed
            {0x80, 0x81, 0, 0, 0, 0, 1}, // goes on with nothing
            {0x83, 0x81, 0, 0, 0, 0, 1}, // of a kind that isn't there
            {0x88, 0x80, 0, 0, 0, 0}, // the end
            {0x82, 0x84, 0, 0, 0, 0, 'G', 'E', 'T', ' '} // no TLS
        })
            try (FrameSocket socket = FrameSocket.open(port(), 100)) {
                assertThat(socket.statusLine).contains(" 101 ");
                socket.raw(senseless);
                while (socket.rawRead() >= 0) {
                    // what it says on its way out
                }
            }
        try (FrameSocket socket = FrameSocket.open(port(), 100)) {
            socket.raw(0x89, 0x81, 0, 0, 0, 0, 7);
            for (int expected : new int[] {0x8a, 1, 7})
                assertThat(socket.rawRead()).isEqualTo(expected);
        }
        Await.until("nothing is left", () -> door.counts().connections() == 0);
    }

    @Test
    void how_a_proxy_cuts_frames_means_nothing() throws Exception {
        try (FrameSocket frames = FrameSocket.open(port(), 3)) {
            SSLSocket socket = (SSLSocket) gateway.mutual(Set.of(Role.AGENT))
                    .context()
                    .getSocketFactory()
                    .createSocket(frames, "door", port(), true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {Protocol.SESSION.alpn()});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertThat(socket.getApplicationProtocol()).isEqualTo(Protocol.SESSION.alpn());
            // the frame of settings that HTTP/2 begins with: its kind is the fourth byte
            assertThat(socket.getInputStream().readNBytes(4)[3]).isEqualTo((byte) 4);
        }
    }

    @Test
    void silent_strangers_take_no_place_from_nodes_that_come_by_the_port() throws Exception {
        List<FrameSocket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) silent.add(FrameSocket.open(port(), 100));
            Await.until("some were turned away", () -> door.counts().turned(Turned.HANDSHAKES) >= 4);
            Talk talk = talk(door.address(), gateway, ADA);
            talk.send("hello");
            assertThat(talk.read(5)).isEqualTo("hello");
        } finally {
            for (FrameSocket socket : silent) socket.close();
        }
        Await.until(
                "their places are free again",
                () -> stage.gateway().connections() == 0 && door.counts().connections() <= 1);
        Talk talk = talk(DoorUrl.of("ws://127.0.0.1:" + port() + WebDoor.PATH), gateway, ADA);
        talk.send("hello");
        assertThat(talk.read(5)).isEqualTo("hello");
    }

    private int port() {
        return stage.gateway().address().getPort();
    }

    private Talk talk(SocketAddress at, Trust by, UserId user) {
        return Talk.open(loop, at, by, user, ADAS);
    }

    private Nginx proxy(String more) throws Exception {
        return Nginx.open(temp, "", location(more));
    }

    private String location(String more) throws IOException {
        return """
                location = /n2 {
                  proxy_pass http://127.0.0.1:%d%s;
                  proxy_http_version 1.1;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection upgrade;
                  %s
                }
                """.formatted(port(), WebDoor.PATH, more);
    }
}
