package org.carrel.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;
import static org.carrel.gateway.support.Stage.BENS;
import static org.carrel.gateway.support.Stage.GONE;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.carrel.http.Header;
import org.carrel.port.Pages.Hindrance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a workload gets to see of a request, and a browser of an answer.
class RewriteTest {
    private static final ProxyRules KEPT = new ProxyRules(ProxyRules.Prefix.KEEP, ProxyRules.Host.LOCALHOST);

    private Backend backend;
    private Stage stage;

    @BeforeEach
    void open() throws IOException {
        backend = Backend.answering(request -> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                + request.header("Want").orElse("").replace("|", "\r\n") + "\r\n\r\n");
        stage = new Stage().with(ADAS, "ada", backend);
    }

    @AfterEach
    void close() throws IOException {
        stage.close();
        backend.close();
    }

    private void jupyter() {
        stage.with(ADAS, "ada", backend.endpoint(), KEPT, List.of(new Header("Authorization", "token secret")));
    }

    private Reply own(String path, String lines) throws IOException {
        return ask("GET " + path, stage.origin(ADAS), "Cookie: carrel_user=ada\r\n" + lines);
    }

    /// In path mode, by bare address.
    private Reply path(String request, String lines) throws IOException {
        return ask(request, bare(), "Cookie: carrel_user=ada\r\n" + lines);
    }

    private String bare() {
        return "127.0.0.1:" + stage.gateway().address().getPort();
    }

    private Reply ask(String request, String host, String lines) throws IOException {
        try (RawClient client = stage.client()) {
            return client.exchange(request + " HTTP/1.1\r\nHost: " + host + "\r\n" + lines + "\r\n");
        }
    }

    @Test
    void our_cookies_never_reach_a_workload() throws IOException {
        own("/", "Cookie: a=b; __Host-carrel_portal=secret; c=d; Carrel_x=secret\r\n");
        assertThat(backend.last().head()).contains("Cookie: a=b; c=d\r\n").doesNotContain("secret", "carrel_user");
        ask("GET /", stage.origin(ADAS), "Cookie: x=y; carrel_user=ada\r\n");
        assertThat(backend.last().header("Cookie")).contains("x=y");
    }

    @Test
    void who_asks_and_from_where_is_told_by_us_alone() throws IOException {
        own(
                "/",
                String.join(
                        "\r\n",
                        List.of(
                                "X-RStudio-Username: root",
                                "x-rstudio-username: root",
                                "X-Forwarded-For: 6.6.6.6",
                                "X-Forwarded-Host: evil",
                                "X-Forwarded-Proto: https",
                                "X-Forwarded-Uri: /root",
                                "X-Forwarded-Prefix: /root",
                                "X-Forwarded-User: root",
                                "Forwarded: for=6.6.6.6",
                                "X-Real-IP: 6.6.6.6",
                                "X-Carrel-User: root",
                                "X-Carrel-Groups: root",
                                "X-SP-UserId: root",
                                "X-SP-UserGroups: root",
                                "Remote-User: root",
                                "X-Auth-Request-User: root",
                                "X-WEBAUTH-USER: root",
                                "X-RS-Server: root",
                                "Proxy: http://evil",
                                "X-Original-URL: /root",
                                "X-RS-CSRF-Token: needed",
                                "X-Other: kept",
                                "X-Request-Id: mine",
                                "")));
        String head = backend.last().head();
        assertThat(head).doesNotContain("root", "6.6.6.6", "evil", "https", "mine");
        assertThat(head)
                .contains(
                        "X-RS-CSRF-Token: needed\r\n",
                        "X-Other: kept\r\n",
                        "X-Forwarded-For: 127.0.0.1\r\n",
                        "X-Forwarded-Proto: http\r\n",
                        "X-Forwarded-Host: " + stage.origin(ADAS) + "\r\n",
                        "X-Carrel-User: ada\r\n",
                        "X-Carrel-Groups: staff,stats\r\n",
                        "X-SP-UserId: ada\r\n",
                        "X-SP-UserGroups: staff,stats\r\n",
                        "X-Request-Id: ");
    }

    @Test
    void a_disguised_identity_is_refused_and_other_underscores_are_dropped() throws IOException {
        for (String name :
                List.of("x_rstudio_username", "X-RStudio_Username", "X_Forwarded_For", "remote_user", "x_carrel-user"))
            assertThat(own("/", name + ": root\r\n").status()).as(name).isEqualTo(400);
        assertThat(own("/", "X-RStudio-Username : root\r\n").status()).isEqualTo(400);
        assertThat(backend.connections()).isZero();
        own("/", "some_name: x\r\n");
        assertThat(backend.last().head()).doesNotContain("some_name");
    }

    @Test
    void what_belongs_to_one_connection_is_not_passed_on() throws IOException {
        own(
                "/",
                "Connection: X-Secret, keep-alive\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
                        + "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n");
        assertThat(backend.last().head())
                .doesNotContain("X-Secret", "Keep-Alive", "TE:", "Proxy-", "Upgrade", "HTTP2", "Connection");
    }

    @Test
    void no_client_nominates_our_own_fields_or_the_framing_away() throws IOException {
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange("POST / HTTP/1.1\r\nHost: " + stage.origin(ADAS)
                    + "\r\nCookie: carrel_user=ada\r\nConnection: X-Forwarded-For, X-Carrel-User, Content-Length, Host, close\r\n"
                    + "Content-Length: 5\r\n\r\nhello");
            assertThat(reply.status()).isEqualTo(200);
        }
        assertThat(backend.last().head())
                .contains("X-Forwarded-For: 127.0.0.1", "X-Carrel-User: ada", "Content-Length: 5", "Host: ");
        assertThat(backend.last().bodyText()).isEqualTo("hello");
    }

    @Test
    void our_tokens_stay_with_us_and_the_sessions_secret_is_put_in() throws IOException {
        jupyter();
        ask("GET /s/" + ADAS + "/api", stage.origin(ADAS), "Authorization: Bearer ada\r\n");
        assertThat(backend.last().head())
                .contains("Authorization: token secret\r\n")
                .doesNotContain("Bearer");
        own("/s/" + ADAS + "/api", "Authorization: token forged\r\n");
        assertThat(backend.last().head())
                .contains("Authorization: token secret\r\n")
                .doesNotContain("forged");
    }

    @Test
    void a_workload_that_lives_below_its_prefix_is_led_to_on_its_own_origin() throws IOException {
        jupyter();
        Reply reply = own("/tree?x=1", "");
        assertThat(reply.status()).isEqualTo(302);
        assertThat(reply.header("Location")).contains("/s/" + ADAS + "/tree?x=1");
        own("/s/" + ADAS + "/tree?x=1", "");
        assertThat(backend.last().line()).isEqualTo("GET /s/" + ADAS + "/tree?x=1 HTTP/1.1");
        assertThat(backend.last().header("Host")).contains("localhost");
    }

    @Test
    void in_path_mode_the_prefix_is_cut_and_told() throws IOException {
        path("GET /s/" + ADAS + "/a%2fb?c", "");
        assertThat(backend.last().line()).isEqualTo("GET /a%2fb?c HTTP/1.1");
        assertThat(backend.last().header("X-Forwarded-Prefix")).contains("/s/" + ADAS);
        assertThat(path("GET /s/" + ADAS, "").header("Location")).contains("/s/" + ADAS + "/");
    }

    @Test
    void cookies_and_redirects_of_a_workload_are_mended_in_path_mode() throws IOException {
        Reply reply = path(
                "GET /s/" + ADAS + "/",
                "Want: Set-Cookie: a=b; Path=/|Set-Cookie: carrel_user=evil|Set-Cookie: d=e; Domain=localhost|Location: /login|X-A: b\r\n");
        assertThat(reply.head())
                .contains(
                        "Set-Cookie: a=b; Path=/s/" + ADAS + "/\r\n",
                        "Location: /s/" + ADAS + "/login\r\n",
                        "X-A: b\r\n")
                .doesNotContain("evil", "Domain");
    }

    @Test
    void a_workload_says_nothing_for_the_whole_origin_in_path_mode() throws IOException {
        String want =
                "Want: Service-Worker-Allowed: /|Clear-Site-Data: *|Strict-Transport-Security: x|Alt-Svc: x|NEL: x"
                        + "|Report-To: x|Access-Control-Allow-Origin: *|Keep-Alive: x|X-A: b\r\n";
        String head = path("GET /s/" + ADAS + "/", want).head();
        assertThat(head)
                .contains("X-A: b")
                .doesNotContain(
                        "Service-Worker",
                        "Clear-Site",
                        "Strict",
                        "Alt-Svc",
                        "NEL",
                        "Report-To",
                        "Access-Control",
                        "Keep-Alive");
        assertThat(own("/", want).head()).contains("Service-Worker-Allowed").doesNotContain("Clear-Site-Data");
        assertThat(ask("GET /sw.js", bare(), "Service-Worker: script\r\n").status())
                .isEqualTo(403);
    }

    @Test
    void unsafe_requests_of_other_sites_are_refused() throws IOException {
        String post = "POST /s/" + ADAS + "/";
        String empty = "Content-Length: 0\r\n";
        assertThat(path(post, empty + "Origin: http://" + bare() + "\r\n").status())
                .isEqualTo(200);
        assertThat(path(post, empty + "Origin: http://evil.example\r\n").status())
                .isEqualTo(403);
        assertThat(path(post, empty + "Origin: null\r\n").status()).isEqualTo(403);
        assertThat(path(post, empty + "Sec-Fetch-Site: cross-site\r\n").status())
                .isEqualTo(403);
        assertThat(path(post, empty + "Sec-Fetch-Site: same-site\r\n").status()).isEqualTo(403);
        assertThat(ask(
                                "POST /",
                                stage.origin(ADAS),
                                "Cookie: carrel_user=ada\r\n" + empty + "Origin: http://sibling.localhost\r\n")
                        .status())
                .as("a sibling is another origin")
                .isEqualTo(403);
        assertThat(backend.seen()).hasSize(1);
    }

    @Test
    void a_request_that_cannot_be_carried_is_explained_by_a_page() throws IOException {
        assertThat(ask("GET /", stage.origin(ADAS), "").status()).isEqualTo(401);
        assertThat(ask("GET /", stage.origin(GONE), "Cookie: carrel_user=ada\r\n")
                        .status())
                .isEqualTo(410);
        assertThat(stage.hindered().get(0).why()).isInstanceOf(Hindrance.Unproved.class);
        assertThat(stage.hindered().get(1).why()).isInstanceOf(Hindrance.Gone.class);
        assertThat(ask("GET /.carrel/bar.js", stage.origin(ADAS), "").body()).isEqualTo("beside /bar.js\n");
        assertThat(backend.connections()).isZero();
    }

    // ---- a workload whose own sign-on stays between it and us

    private static final ProxyRules SIGNED_ON = new ProxyRules(
            ProxyRules.Prefix.STRIP,
            ProxyRules.Host.PUBLIC,
            Optional.empty(),
            Set.of("user-id", "rs-csrf-token"),
            Optional.of(new ProxyRules.Polls(Set.of("/events/get_events"), "X-Refresh-Creds", "0")),
            Optional.of("X-RStudio-Root-Path"),
            Optional.of("/auth-sign-out"));

    private void signedOn() {
        stage.with(
                ADAS,
                "ada",
                backend.endpoint(),
                SIGNED_ON,
                List.of(new Header("Cookie", "user-id=signed; rs-csrf-token=made")));
    }

    @Test
    void the_workloads_sign_on_is_ours_and_no_browser_sends_or_gets_one() throws IOException {
        signedOn();
        own("/", "Cookie: user-id=forged; a=b; USER-ID=forged; rs-csrf-token=forged\r\nCookie: c=d\r\n");
        assertThat(backend.last().head())
                .contains("\r\nCookie: user-id=signed; rs-csrf-token=made; a=b; c=d\r\n")
                .doesNotContain("forged", "carrel_user")
                .containsOnlyOnce("Cookie:");
        Reply reply =
                own("/", "Want: Set-Cookie: user-id=fresh; Path=/|Set-Cookie: port-token=p; Path=/; HttpOnly\r\n");
        assertThat(reply.head()).doesNotContain("user-id").contains("port-token=p");
    }

    @Test
    void under_which_path_browsers_see_it_is_told_by_us_alone() throws IOException {
        signedOn();
        own("/", "X-RStudio-Root-Path: /evil\r\n");
        assertThat(backend.last().header("X-RStudio-Root-Path")).contains("/");
        path("GET /s/" + ADAS + "/", "X-RStudio-Root-Path: /evil\r\n");
        assertThat(backend.last().header("X-RStudio-Root-Path")).contains("/s/" + ADAS);
    }

    @Test
    void what_a_page_asks_by_itself_is_no_use() throws IOException {
        signedOn();
        post("/events/get_events", "");
        post("/events/get_events?x=1", "");
        post("/rpc/any", "X-Refresh-Creds: 0\r\n");
        assertThat(stage.input()).isZero();
        post("/rpc/any", "X-Refresh-Creds: 1\r\n");
        post("/events/get_events/not", "");
        assertThat(stage.input()).isEqualTo(10);
    }

    @Test
    void its_own_way_to_sign_out_is_ours() throws IOException {
        signedOn();
        asked("/auth-sign-out", "");
        assertThat(stage.hindered()).last().extracting(Stage.Hindered::why).isEqualTo(new Hindrance.SigningOut());
        assertThat(backend.connections()).isZero();
        own("/auth-sign-out", "");
        assertThat(backend.connections())
                .as("a page that only asks for it signs nobody out")
                .isOne();
    }

    private void post(String path, String lines) throws IOException {
        assertThat(asked(path, lines).status()).isEqualTo(200);
    }

    private Reply asked(String path, String lines) throws IOException {
        try (RawClient client = stage.client()) {
            return client.exchange("POST " + path + " HTTP/1.1\r\nHost: " + stage.origin(ADAS)
                    + "\r\nCookie: carrel_user=ada\r\n" + lines + "Content-Length: 5\r\n\r\nhello");
        }
    }

    @Test
    void a_proof_that_has_grown_old_is_asked_for_again() throws IOException {
        stage.with(ADAS, "ada", backend, List.of(new Header("X-Proof", "1")), Duration.ofDays(1));
        own("/", "");
        own("/", "");
        int kept = stage.admissions();
        stage.with(BENS, "ben", backend, List.of(new Header("X-Proof", "1")), Duration.ZERO);
        for (int i = 0; i < 3; i++) ask("GET /", stage.origin(BENS), "Cookie: carrel_user=ben\r\n");
        assertThat(stage.admissions() - kept).isEqualTo(3);
        assertThat(kept).isLessThanOrEqualTo(2);
    }
}
