package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.carrel.domain.app.Service;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.EchoSocket;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.carrel.port.Pages.Hindrance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A service with host names of its own, and what may be tried with them.
class ServiceHostTest {
    private static final SessionId COPY = new SessionId("oneoneoneoneonea");
    private static final String ADA = "Cookie: carrel_user_of_site=ada\r\n";

    private Backend backend;
    private Stage stage;
    private RawClient client;
    private String host;

    @BeforeEach
    void open() throws IOException {
        backend = Backend.echo();
        stage = new Stage()
                .withSite(new Service(List.of(), true, List.of("www.example.org", "example.org"), false))
                .withCopy(COPY, backend.endpoint(), true);
        client = stage.client();
        host = "www.example.org:" + stage.gateway().address().getPort();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        stage.close();
        backend.close();
    }

    private static String get(String host, String path, String... more) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + String.join("", more) + "\r\n";
    }

    @Test
    void everything_below_its_root_is_the_service_s() throws IOException {
        for (String path : List.of("/", "/a?b=c", "/api/v1/me", "/service/site/", "/sign-in", "/s/" + COPY + "/")) {
            Reply reply = client.exchange(get(host, path));
            assertThat(reply.status()).as(path).isEqualTo(200);
            assertThat(backend.last().line()).isEqualTo("GET " + path + " HTTP/1.1");
        }
        assertThat(backend.last().header("Host")).contains(host);
        assertThat(backend.last().header("X-Forwarded-Host")).contains(host);
        assertThat(backend.last().header("X-Forwarded-Prefix")).isEmpty();
        Reply other = client.exchange(get("Example.org", "/"));
        assertThat(other.status()).isEqualTo(200);
        assertThat(other.header("Content-Security-Policy")).isEmpty();
        assertThat(client.exchange(get(host, "/.carrel/enter")).body()).isEqualTo("beside site/enter\n");
        assertThat(client.exchange(get(host, "/sw.js", "Service-Worker: script\r\n"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_kind_that_lives_below_its_prefix_has_none_here() throws IOException {
        ProxyRules keeps = new ProxyRules(ProxyRules.Prefix.KEEP, ProxyRules.Host.PUBLIC);
        stage.with(COPY, UserId.ANYBODY.value(), backend.endpoint(), keeps, List.of());
        assertThat(client.exchange(get(host, "/tree")).status()).isEqualTo(200);
        assertThat(backend.last().line()).isEqualTo("GET /tree HTTP/1.1");
    }

    @Test
    void its_path_on_the_portal_s_host_only_leads_there() throws IOException {
        Reply reply = client.exchange(get(stage.portal(), "/service/site/a?b=c"));
        assertThat(reply.status()).isEqualTo(307);
        assertThat(reply.header("Location")).contains("//" + host + "/a?b=c");
        assertThat(backend.seen()).isEmpty();
    }

    @Test
    void no_proof_of_ours_reaches_it_and_its_own_do() throws IOException {
        stage.signOut("carrel_revoked");
        for (String header : List.of(
                "Cookie: carrel_user=ada; __Host-carrel_portal=x; theme=dark\r\n",
                "Cookie: theme=dark\r\nAuthorization: Bearer ada\r\n",
                "Cookie: theme=dark\r\nAuthorization: bearer  carrel_revoked\r\n")) {
            assertThat(client.exchange(get(host, "/", header)).status()).isEqualTo(200);
            assertThat(backend.last().header("Cookie")).as(header).contains("theme=dark");
            assertThat(backend.last().header("Authorization")).as(header).isEmpty();
        }
        for (String own : List.of("Basic c2l0ZTpwdw==", "Digest username=\"carrel_\"")) {
            assertThat(client.exchange(get(host, "/", "Authorization: " + own + "\r\n"))
                            .status())
                    .isEqualTo(200);
            assertThat(backend.last().header("Authorization")).contains(own);
        }
    }

    @Test
    void it_sets_cookies_for_its_host_and_none_of_ours() throws IOException {
        try (Backend setting = Backend.answering(request -> "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\n"
                + "Set-Cookie: carrel_session=x\r\nSet-Cookie: b=2; Domain=example.org\r\nContent-Length: 0\r\n\r\n")) {
            stage.withCopy(COPY, setting.endpoint(), true);
            Reply reply = client.exchange(get(host, "/"));
            assertThat(reply.head())
                    .contains("a=1; Path=/")
                    .doesNotContain("carrel_session")
                    .doesNotContain("b=2");
        }
    }

    @Test
    void a_closed_one_believes_proofs_of_its_own_host_and_tokens_only() throws IOException {
        stage.withCopy(COPY, backend.endpoint(), false);
        // the portal's is known on this connection, and must not count here
        assertThat(client.exchange(get(stage.portal(), "/x", "Cookie: carrel_user=ada\r\n"))
                        .status())
                .isEqualTo(200);
        assertThat(client.exchange(get(host, "/x", "Cookie: carrel_user=ada\r\n"))
                        .status())
                .isEqualTo(401);
        assertThat(client.exchange(get(host, "/x")).status()).isEqualTo(401);
        assertThat(stage.hindered())
                .allMatch(it ->
                        it.why() instanceof Hindrance.Unproved && it.place().ownOrigin());
        assertThat(backend.seen()).isEmpty();
        for (String proof : List.of(ADA, "Authorization: Bearer ada\r\n")) {
            assertThat(client.exchange(get(host, "/x", proof)).status()).isEqualTo(200);
            assertThat(backend.last().header("X-Carrel-User")).contains("ada");
        }
        String unsafe = "POST / HTTP/1.1\r\nHost: " + host + "\r\n" + ADA + "Content-Length: 0\r\nOrigin: ";
        assertThat(client.exchange(unsafe + "http://" + stage.portal() + "\r\n\r\n")
                        .status())
                .isEqualTo(403);
        assertThat(client.exchange(unsafe + "http://" + host + "\r\n\r\n").status())
                .isEqualTo(200);
    }

    @Test
    void websockets_pass_for_pages_of_this_host() throws IOException {
        EchoSocket echo = new EchoSocket();
        try (Backend socket = new Backend(echo)) {
            stage.withCopy(COPY, socket.endpoint(), true);
            String upgrade = "GET /ws HTTP/1.1\r\nHost: " + host
                    + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://";
            for (String origin : List.of("evil.example", stage.portal()))
                try (RawClient other = stage.client()) {
                    assertThat(other.exchange(upgrade + origin + "\r\n\r\n").status())
                            .isEqualTo(403);
                }
            client.send(upgrade + host + "\r\n\r\n");
            assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 101 ");
            client.send(EchoSocket.frame(0x81, "hello".getBytes(UTF_8), true));
            assertThat(EchoSocket.read(client.in()).payload()).isEqualTo("hello".getBytes(UTF_8));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: www.example.org\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: www.example.org, localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost@www.example.org\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: www.example.org/\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: www.example.org:0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: www.example.org:99999\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: www.example.org:80:80\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: www%2eexample.org\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: \r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n",
                "GET http://www.example.org/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET http://localhost/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
                "GET http://www.example.org@localhost/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
                "GET http://www.example.org:80/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
                "GET /%2e%2e/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
            })
    void a_request_with_two_meanings_is_refused(String request) throws IOException {
        assertThat(client.exchange(request).status()).isEqualTo(400);
        assertThat(backend.seen()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"www.example.org.", "ww.example.org", "a.www.example.org", "www.example.com", ".www.example.org"
            })
    void a_name_that_is_nobody_s_is_misdirected(String name) throws IOException {
        assertThat(client.exchange(get(name, "/")).status()).isEqualTo(421);
        assertThat(backend.seen()).isEmpty();
    }

    @Test
    void only_the_host_itself_decides() throws IOException {
        String lies = "X-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\nX-Original-URL: /api/\r\n"
                + "X-Carrel-User: admin\r\n";
        assertThat(client.exchange(get(host, "/here", lies)).status()).isEqualTo(200);
        assertThat(backend.last().header("X-Forwarded-Host")).contains(host);
        assertThat(backend.last().header("X-Carrel-User")).isEmpty();
        assertThat(client.exchange(get(stage.portal(), "/here", "X-Forwarded-Host: www.example.org\r\n"))
                        .body())
                .isEqualTo("portal /here\n");
        Reply absolute = client.exchange("GET http://www.example.org/x HTTP/1.1\r\nHost: www.example.org\r\n\r\n");
        assertThat(absolute.status()).isEqualTo(200);
        assertThat(backend.last().line()).isEqualTo("GET /x HTTP/1.1");
    }
}
