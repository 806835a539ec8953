package org.carrel.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.carrel.support.Chromium;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.carrel.support.ProgramJar;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Two programs with one cluster key, on 127.0.0.1 and 127.0.0.2: what runs on the second is used through the first.
@Tag("real")
@Needs(Thing.ROOT)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoNodesTest {
    private static final double SLOW = 60_000;

    private final Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    private Path key;
    private Path hello;
    private RunningCarrel one;
    private RunningCarrel two;

    @BeforeAll
    void open() throws Exception {
        Path above = Files.createTempDirectory(Path.of("/tmp"), "ck");
        // as /etc/carrel is: that there is a key anybody may see
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
        key = above.resolve("key");
        hello = Files.copy(Path.of(ProgramJar.classPath().split(":")[0]), above.resolve("hello.jar"));
        Files.setPosixFilePermissions(hello, PosixFilePermissions.fromString("rw-r--r--"));
        ClusterKey.make(key, new ClusterName("lab"), Instant.now());
        int first = freePort("127.0.0.1");
        int second = freePort("127.0.0.2");
        one = RunningCarrel.up(settings("n1", "127.0.0.1", first, "127.0.0.2:" + second));
        two = RunningCarrel.up(settings("n2", "127.0.0.2", second, "127.0.0.1:" + first));
        // so that a sign-in at one is one at the other: its cookie names the account's password
        Files.copy(one.state().resolve("users"), two.state().resolve("users"), StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(two.state().resolve("users"), PosixFilePermissions.fromString("rw-r--r--"));
        for (RunningCarrel each : List.of(one, two))
            RunningCarrel.await("both see each other", () -> each.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
    }

    @AfterAll
    void close() throws Exception {
        if (two != null) two.close();
        if (one != null) one.close();
        try (Stream<Path> all = Files.walk(key.getParent())) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    @Test
    void a_session_of_one_node_is_used_through_the_other() throws Exception {
        String id = startedAtTwoSeenAtOne("ada", "default");
        String who = one.raw("ada", id, "GET", "/who", "");
        assertThat(who).contains("ada");
        try (RawWebSocket socket = one.webSocket("ada", id, "/echo")) {
            assertThat(socket.statusLine).contains(" 101 ");
            socket.sendText("through two doors");
            assertThat(socket.await("through two doors"::equals)).isPresent();
        }
        assertThat(one.send("ada", "GET", "/api/v1/sessions/" + id + "/logs", "")
                        .body())
                .contains("hello listens");
        // stopped where it doesn't run
        assertThat(one.send("ada", "DELETE", "/api/v1/sessions/" + id, "").statusCode() / 100)
                .isEqualTo(2);
        two.awaitState("ada", id, "ended");
        one.awaitState("ada", id, "ended");
    }

    @Test
    void sessions_land_on_both_machines_and_each_key_once() throws Exception {
        Set<String> nodes = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            JsonNode begun = one.start("ada", "hello", "spread" + i);
            nodes.add(begun.get("node").asText());
            // asked at once of the other gateway, which may not have heard of it
            JsonNode found = two.start("ada", "hello", "spread" + i);
            assertThat(found.get("id")).isEqualTo(begun.get("id"));
        }
        assertThat(nodes).containsExactlyInAnyOrder("n1", "n2");
        for (int i = 0; i < 4; i++) {
            String id = one.start("ada", "hello", "spread" + i).get("id").asText();
            one.send("ada", "DELETE", "/api/v1/sessions/" + id, "");
        }
    }

    @Test
    void a_machine_that_is_drained_through_the_other_one_takes_nothing_new() throws Exception {
        assertThat(one.send("admin", "POST", "/api/v1/nodes/n2/drain", "").statusCode())
                .isEqualTo(200);
        RunningCarrel.await("n1 knows", () -> "draining".equals(one.nodeStates().get("n2")));
        try {
            for (int i = 0; i < 3; i++)
                assertThat(two.start("ben", "hello", "drained" + i).get("node").asText())
                        .isEqualTo("n1");
        } finally {
            one.send("admin", "POST", "/api/v1/nodes/n2/undrain", "");
        }
        RunningCarrel.await("n1 knows again", () -> "up".equals(one.nodeStates().get("n2")));
    }

    @Test
    void another_user_finds_nothing_through_any_gateway() throws Exception {
        String id = startedAtTwoSeenAtOne("ada", "private");
        String host = id + ".localhost:" + one.port;
        for (String user : new String[] {"ben", "admin"})
            assertThat(RawHttp.send(one.port, host, "GET", "/who", "", "Authorization: Bearer " + one.token(user))
                            .statusLine())
                    .contains(" 404 ");
        assertThat(one.send("ben", "GET", "/api/v1/sessions/" + id, "").statusCode())
                .isEqualTo(404);
        assertThat(one.send("ben", "DELETE", "/api/v1/sessions/" + id, "").statusCode())
                .isEqualTo(404);
    }

    @Test
    void a_key_that_is_live_on_the_other_node_is_found_and_not_started_twice() throws Exception {
        String id = startedAtTwoSeenAtOne("ben", "default");
        JsonNode found = one.start("ben", "hello", "default");
        assertThat(found.get("id").asText()).isEqualTo(id);
        assertThat(found.get("node").asText()).isEqualTo("n2");
    }

    @Test
    void a_websocket_through_the_other_node_ends_with_its_session() throws Exception {
        String id = startedAtTwoSeenAtOne("ada", "ending");
        try (RawWebSocket socket = one.webSocket("ada", id, "/echo")) {
            socket.sendText("here");
            assertThat(socket.await("here"::equals)).isPresent();
            two.send("ada", "DELETE", "/api/v1/sessions/" + id, "");
            two.awaitState("ada", id, "ended");
            assertThat(socket.awaitClose()).as("what the page is told").isIn(1001, 1006, 1008);
        }
    }

    @Test
    void a_sign_out_at_one_gateway_holds_at_the_other_closes_what_is_open_and_survives_a_restart() throws Exception {
        String id = startedAtTwoSeenAtOne("ada", "signing-out");
        SignedInBrowser browser = SignedInBrowser.at(one.port, "ada");
        SignedInBrowser other = SignedInBrowser.at(one.port, "ada");
        RunningCarrel.await("the second node has read its users", () -> isKnown(browser, two));
        try (RawWebSocket out = browser.webSocket(two.port, id);
                RawWebSocket stays = other.webSocket(two.port, id)) {
            assertThat(out.isOpen()).as(out.statusLine).isTrue();
            long began = System.nanoTime();
            browser.signOut(one.port);
            RunningCarrel.await("refused at the other gateway", () -> !isKnown(browser, two));
            System.out.println("refused elsewhere after " + (System.nanoTime() - began) / 1_000_000 + " ms");
            assertThat(out.awaitClose()).isEqualTo(1008);
            System.out.println("closed elsewhere after " + (System.nanoTime() - began) / 1_000_000 + " ms");
            stays.sendText("still here");
            assertThat(stays.await("still here"::equals)).isPresent();
        }
        // what happens while a node is away it hears when it is back; what it knew it knows still
        two.kill9();
        other.signOut(one.port);
        two.startAgain();
        assertThat(isKnown(browser, two))
                .as("what it had learned is on its disk")
                .isFalse();
        RunningCarrel.await("what it missed", () -> !isKnown(other, two));
    }

    @Test
    void a_token_of_one_gateway_holds_at_the_other_until_it_is_revoked_at_any() throws Exception {
        String token = one.tokenAt(one.port, "ben");
        String bearer = "Authorization: Bearer " + token;
        RunningCarrel.await("known at the other gateway", () -> status(two, "GET", "/api/v1/me", bearer) == 200);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
        String id = Base64.getUrlEncoder().encodeToString(digest).substring(0, 12);
        assertThat(status(two, "DELETE", "/api/v1/tokens/" + id, bearer)).isEqualTo(204);
        RunningCarrel.await("revoked at the first", () -> status(one, "GET", "/api/v1/me", bearer) == 401);
    }

    @Test
    void a_hand_over_goes_through_two_gateways_and_its_code_holds_once() throws Exception {
        String id = startedAtTwoSeenAtOne("ada", "handed");
        String origin = id + ".localhost";
        for (List<RunningCarrel> way : List.of(List.of(one, two), List.of(two, one))) {
            RunningCarrel first = way.getFirst();
            RunningCarrel second = way.getLast();
            SignedInBrowser browser = SignedInBrowser.at(first.port, "ada");
            RunningCarrel.await("its users are read", () -> isKnown(browser, second));
            String portal = SignedInBrowser.target(browser.visit(first.port, origin, "/who"));
            assertThat(portal).startsWith("/handover?");
            String enter = SignedInBrowser.target(browser.visit(second.port, "localhost", portal));
            RawHttp entered = browser.visit(first.port, origin, enter);
            assertThat(entered.statusLine()).as(entered.head()).contains(" 302 ");
            assertThat(browser.has("carrel_session")).isTrue();
            assertThat(browser.visit(first.port, origin, "/who").body()).contains("ada");
            for (RunningCarrel each : way)
                assertThat(browser.visit(each.port, origin, enter).statusLine())
                        .as("used once")
                        .contains(" 400 ");
        }
    }

    @Test
    @Tag("browser")
    @Needs({Thing.R, Thing.CHROMIUM})
    void a_shiny_page_of_the_second_node_lives_in_a_browser_at_the_first() throws Exception {
        TestApp.drop(one, "link/desk");
        TestApp.drop(two, "link/desk");
        JsonNode session = two.startAt("n2", "ada", "desk", "default");
        seenAtOne("ada", session.get("id").asText());
        try (Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright);
                BrowserContext context = browser.newContext(new Browser.NewContextOptions().setLocale("en"))) {
            Page page = context.newPage();
            page.navigate(one.portal() + "/");
            page.locator("input[name=user]").fill("ada");
            page.locator("input[name=password]").fill(RunningCarrel.PASSWORD);
            page.keyboard().press("Enter");
            page.waitForURL(one.portal() + "/");
            page.navigate(one.portal() + "/app/desk");
            page.waitForURL(
                    Pattern.compile("http://" + session.get("id").asText() + "\\.localhost:" + one.port + "/.*"));
            Locator clicks = page.locator("#page");
            assertThat(clicks).hasText("0", within());
            for (int click = 1; click <= 5; click++) {
                page.locator("#count").click();
                assertThat(clicks).hasText(Integer.toString(click), within());
            }
        }
    }

    private static boolean isKnown(SignedInBrowser browser, RunningCarrel at) {
        try {
            return browser.me(at.port).statusLine().contains(" 200 ");
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static int status(RunningCarrel at, String method, String path, String header) {
        try {
            String line = RawHttp.send(at.port, "localhost:" + at.port, method, path, "", header)
                    .statusLine();
            return Integer.parseInt(line.split(" ")[1]);
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private String startedAtTwoSeenAtOne(String user, String name) throws Exception {
        String id = two.startAt("n2", user, "hello", name).get("id").asText();
        seenAtOne(user, id);
        return id;
    }

    private void seenAtOne(String user, String id) throws Exception {
        RunningCarrel.await("the first node knows of the session", () -> {
            try {
                return one.send(user, "GET", "/api/v1/sessions/" + id, "").statusCode() == 200;
            } catch (Exception broken) {
                throw new IllegalStateException(broken);
            }
        });
        one.awaitState(user, id, "ready");
    }

    private String settings(String name, String address, int door, String peer) {
        return """
                node: {name: %s}
                cluster: {key: %s, address: %s, door: %d, peers: ["%s"], mdns: off}
                apps:
                  hello: {kind: web, command: [%s, -Xmx64m, -cp, %s, org.carrel.hello.Hello, --socket, "{socket}"]}
                """.formatted(name, key, address, door, peer, java, hello);
    }

    private static int freePort(String address) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
            return free.getLocalPort();
        }
    }

    private static LocatorAssertions.HasTextOptions within() {
        return new LocatorAssertions.HasTextOptions().setTimeout(SLOW);
    }
}
