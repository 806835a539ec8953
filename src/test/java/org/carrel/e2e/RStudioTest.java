package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.Cookie;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.carrel.support.Chromium;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.carrel.support.RStudioServerDouble;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Three programs with one cluster key, each beside an RStudio Server of its own (a double, see `RStudioServerDouble`),
/// with accounts of the machine. `rstudio` has homes that are the same everywhere; for `desk` each machine has its own,
/// which here, where all three share one, are accounts of their own.
@Tag("browser")
@Tag("slow")
@Needs({Thing.ROOT, Thing.PERL, Thing.CHROMIUM})
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RStudioTest {
    private static final List<String> SHARED = List.of("ada", "ben", "admin");
    private static final double SLOW = 60_000;

    private final List<RunningCarrel> nodes = new ArrayList<>();
    private final List<RStudioServerDouble> servers = new ArrayList<>();
    private Path above;
    /// ada's on n1, through the gateway of n3
    private Desk first;

    private CompletableFuture<RawHttp> poll;

    @BeforeAll
    void open() throws Exception {
        above = Files.createTempDirectory(Path.of("/tmp"), "ck");
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(above.resolve("homes"));
        Files.setPosixFilePermissions(above.resolve("homes"), PosixFilePermissions.fromString("rwxr-xr-x"));
        ClusterKey.make(above.resolve("cluster"), new ClusterName("lab"), Instant.now());
        for (String account : accounts()) RStudioServerDouble.makeAccount(account, above);
        List<Integer> doors = new ArrayList<>();
        for (int i = 1; i <= 3; i++) doors.add(freePort("127.0.0." + i));
        for (int i = 1; i <= 3; i++) {
            servers.add(RStudioServerDouble.open(above.resolve("r" + i), above.resolve("key")));
            nodes.add(RunningCarrel.prepared(settings(i, doors)));
        }
        // so that a sign-in at one is one at the others: its cookie names the account's password
        for (RunningCarrel node : nodes.subList(1, 3)) {
            Files.writeString(
                    node.state().resolve("users"),
                    Files.readString(nodes.getFirst().state().resolve("users")));
        }
        for (RunningCarrel node : nodes) node.startAgain();
        Map<String, String> all = Map.of("n1", "up", "n2", "up", "n3", "up");
        for (RunningCarrel node : nodes)
            RunningCarrel.await("all see all", () -> node.nodeStates().equals(all));
        RunningCarrel gateway = nodes.get(2);
        first = desk(gateway, "ada", gateway.startAt("n1", "ada", "desk", "default"));
        poll = beginPoll(first);
    }

    /// As long as the real server holds one that has nothing to tell.
    private static CompletableFuture<RawHttp> beginPoll(Desk desk) throws Exception {
        String client = desk.begin();
        // the common pool has one thread on two cores
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        long began = System.nanoTime();
                        RawHttp answer = desk.ask(
                                "POST",
                                "/events/get_events",
                                "{\"params\":[9],\"clientId\":\"" + client + "\"}",
                                "X-RStudio-Refresh-Auth-Creds: 0");
                        long seconds = (System.nanoTime() - began) / 1_000_000_000;
                        assertThat(seconds).as(answer.body()).isGreaterThanOrEqualTo(48);
                        return answer;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                Thread::startVirtualThread);
    }

    private static List<String> accounts() {
        return Stream.concat(SHARED.stream(), Stream.of("1", "2", "3").flatMap(n -> Stream.of("ada" + n, "ben" + n)))
                .map(name -> "carrel-t-" + name)
                .toList();
    }

    private String settings(int n, List<Integer> doors) throws Exception {
        List<String> peers = new ArrayList<>();
        for (int other = 1; other <= 3; other++)
            if (other != n) peers.add("\"127.0.0." + other + ":" + doors.get(other - 1) + "\"");
        String server = "kind: rstudio, rserver: %s, secure-cookie-key: %s, memory: 100M"
                .formatted(servers.get(n - 1).socket(), above.resolve("key"));
        return """
                node: {name: n%1$d, capacity: {memory: 8G}}
                cluster: {key: %2$s, address: 127.0.0.%1$d, door: %3$d, peers: [%4$s], mdns: off}
                homes: {shared: %5$s}
                apps:
                  rstudio: {%6$s, accounts: {ada: carrel-t-ada, ben: carrel-t-ben, admin: carrel-t-admin},
                            idle: 12s, idle-warning: 3s}
                  desk: {%6$s, accounts: {ada: carrel-t-ada%1$d, ben: carrel-t-ben%1$d}, files: false, idle: never}
                """.formatted(
                        n,
                        above.resolve("cluster"),
                        doors.get(n - 1),
                        String.join(", ", peers),
                        above.resolve("homes"),
                        server);
    }

    @AfterAll
    void close() throws Exception {
        for (RunningCarrel node : nodes) node.close();
        for (RStudioServerDouble server : servers) server.close();
        for (String account : accounts()) RStudioServerDouble.removeAccount(account);
        try (Stream<Path> all = Files.walk(above)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    private static int freePort(String address) throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
            return free.getLocalPort();
        }
    }

    // ---- as the IDE's page asks, at any gateway

    private record Desk(RunningCarrel gateway, String user, String session) {
        RawHttp ask(String method, String path, String body, String... more) throws Exception {
            String host = session + ".localhost:" + gateway.port;
            String[] headers = Stream.concat(
                            Stream.of(
                                    "Authorization: Bearer " + gateway.token(user),
                                    "Origin: http://" + host,
                                    "X-RS-CSRF-Token: " + token()),
                            Stream.of(more))
                    .toArray(String[]::new);
            return RawHttp.send(gateway.port, host, method, path, body, headers);
        }

        /// The token against forged requests is in the page.
        private String token() throws Exception {
            String host = session + ".localhost:" + gateway.port;
            String page = RawHttp.send(
                            gateway.port, host, "GET", "/", "", "Authorization: Bearer " + gateway.token(user))
                    .body();
            return page.replaceAll("(?s).*name=\"csrf-token\" content=\"([^\"]*)\".*", "$1");
        }

        String begin() throws Exception {
            RawHttp answer = ask("POST", "/rpc/client_init", "{\"params\":[]}");
            assertThat(answer.body()).as(answer.head()).contains("\"clientId\"");
            return answer.body().replaceAll(".*\"clientId\":\"([^\"]*)\".*", "$1");
        }

        void type(String text) throws Exception {
            assertThat(ask("POST", "/rpc/console_input", "{\"params\":[\"" + text + "\"]}")
                            .body())
                    .contains("result");
        }

        JsonNode state() throws Exception {
            return gateway.json(ask("GET", "/session/state", "").body());
        }

        JsonNode shown() throws Exception {
            return gateway.get(user, "/api/v1/sessions/" + session);
        }
    }

    private Desk desk(RunningCarrel gateway, String user, JsonNode session) {
        return new Desk(gateway, user, session.get("id").asText());
    }

    private void stop(Desk desk) throws Exception {
        desk.gateway().send(desk.user(), "DELETE", "/api/v1/sessions/" + desk.session(), "");
        desk.gateway().awaitState(desk.user(), desk.session(), "ended");
    }

    // ---- what must hold

    @Test
    void one_sign_in_leads_into_the_ide_and_its_own_sign_out_is_ours() throws Exception {
        RunningCarrel one = nodes.getFirst();
        try (Playwright playwright = Chromium.playwright();
                Browser browser = Chromium.launch(playwright);
                Page page = browser.newPage()) {
            page.setDefaultTimeout(SLOW);
            Visit.signIn(page, one, "ada");
            page.navigate(one.portal() + "/app/rstudio");
            page.waitForFunction("() => document.querySelector('#state')?.textContent === 'ready as carrel-t-ada'");
            page.fill("#input", "say hello");
            page.keyboard().press("Enter");
            page.waitForFunction("() => document.querySelector('#console').textContent.includes('hello')");
            assertThat(page.context().cookies().stream().map((Cookie it) -> it.name))
                    .as("the browser holds no proof of the server's")
                    .doesNotContain("user-id", "rs-csrf-token", "persist-auth")
                    .contains("port-token");
            page.click("#leave button");
            page.waitForURL(one.portal() + "/sign-out");
            page.click("button.primary");
            page.waitForURL(one.portal() + "/sign-in?out");
        }
        for (JsonNode session : one.get("ada", "/api/v1/sessions").get("items"))
            if (session.get("app").asText().equals("rstudio")) stop(desk(one, "ada", session));
    }

    @Test
    void whatever_a_browser_sends_as_proof_never_arrives() throws Exception {
        Desk ada = desk(nodes.get(2), "ada", nodes.getFirst().start("ada", "rstudio", "default"));
        Instant later = Instant.now().plusSeconds(3600);
        String ben = RStudioServerDouble.cookie(RStudioServerDouble.KEY, "carrel-t-ben", later);
        List<String> forged = List.of(
                ben,
                RStudioServerDouble.cookie(RStudioServerDouble.KEY, "carrel-t-ben", Instant.EPOCH),
                RStudioServerDouble.cookie("another key, of enough bytes as well", "carrel-t-ben", later),
                ben.replace("ben", "ada"),
                "garbage");
        for (String cookie : forged) {
            JsonNode seen = ada.gateway()
                    .json(ada.ask(
                                    "GET",
                                    "/session/headers",
                                    "",
                                    "Cookie: user-id=" + cookie + "; USER-ID=" + cookie
                                            + "; rs-csrf-token=evil; mine=1",
                                    "X-RStudio-Username: root",
                                    "X-RStudio-Root-Path: /evil",
                                    "X-RStudio-Request: https://evil/",
                                    "X-Forwarded-Host: evil",
                                    "Forwarded: host=evil")
                            .body());
            assertThat(seen.get("cookie").asText())
                    .startsWith("user-id=carrel-t-ada|")
                    .endsWith("; mine=1")
                    .doesNotContain("evil", "ben")
                    .containsOnlyOnce("user-id")
                    .containsOnlyOnce("rs-csrf-token");
            assertThat(seen.toString()).doesNotContain("evil", "root\"", "Bearer");
            assertThat(seen.get("x-rstudio-root-path").asText()).isEqualTo("/");
        }
        ada.begin();
        RawHttp used = ada.ask("POST", "/rpc/console_input", "{\"params\":[\"1\"]}");
        assertThat(used.head())
                .as("made anew by the server, and kept from the browser")
                .doesNotContain("user-id");
        assertThat(ada.state().get("user").asText()).isEqualTo("carrel-t-ada");
        stop(ada);
    }

    @Test
    void a_second_session_on_another_machine_has_a_name_and_a_poll_lasts_as_long_as_rstudios() throws Exception {
        RunningCarrel gateway = nodes.get(2);
        Desk second = desk(gateway, "ada", gateway.startAt("n2", "ada", "desk", "big"));
        second.begin();
        assertThat(first.state().get("user").asText()).isEqualTo("carrel-t-ada1");
        assertThat(second.state().get("user").asText()).isEqualTo("carrel-t-ada2");
        var third = gateway.send(
                "ada", "POST", "/api/v1/sessions", "{\"app\":\"desk\",\"name\":\"third\",\"node\":\"n1\"}");
        assertThat(third.statusCode() / 100).as(third.body()).isEqualTo(4);
        assertThat(third.body()).contains("you have a session of");
        assertThat(poll.get().statusLine()).contains(" 200 ");
        assertThat(poll.get().body()).contains("\"result\":[]");
        stop(first);
        stop(second);
    }

    @Test
    void who_computes_is_kept_and_a_tab_that_only_polls_is_suspended_with_the_reason() throws Exception {
        RunningCarrel gateway = nodes.get(1);
        Desk busy = desk(gateway, "ada", gateway.start("ada", "rstudio", "default"));
        Desk polling = desk(gateway, "ben", gateway.start("ben", "rstudio", "default"));
        busy.begin();
        busy.type("project ~/thesis");
        busy.type("busy 40");
        long busyPid = RStudioServerDouble.sessions("carrel-t-ada").getFirst();
        String client = polling.begin();
        polling.type("x");
        CompletableFuture<Integer> tab =
                CompletableFuture.supplyAsync(() -> polls(polling, client), Thread::startVirtualThread);
        try {
            RunningCarrel.await(
                    "it is shown",
                    () -> uncheckedShown(busy).path("cpuPercent").asDouble() > 10
                            && uncheckedShown(busy).path("project").asText().equals("~/thesis"));
        } catch (TimeoutException late) {
            throw new AssertionError(
                    "not shown: " + busy.shown() + ", of " + RStudioServerDouble.sessions("carrel-t-ada") + ", begun "
                            + busyPid,
                    late);
        }
        gateway.awaitState("ben", polling.session(), "ended");
        assertThat(polling.shown().get("reason").asText()).contains("nobody has used it for");
        assertThat(RStudioServerDouble.sessions("carrel-t-ben")).as("suspended").isEmpty();
        assertThat(tab.get()).isPositive();
        assertThat(busy.shown().get("state").asText()).as("R computes").isEqualTo("ready");
        assertThat(RStudioServerDouble.sessions("carrel-t-ada")).containsExactly(busyPid);
        gateway.awaitState("ada", busy.session(), "ended");
        assertThat(busy.shown().get("reason").asText()).contains("nobody has used it for");
    }

    private static JsonNode uncheckedShown(Desk desk) {
        try {
            return desk.shown();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// As an open tab does, until its session is gone; each poll ends at once by an event that it hasn't heard.
    private static int polls(Desk desk, String client) {
        int polls = 0;
        try {
            while (desk.ask(
                            "POST",
                            "/events/get_events",
                            "{\"params\":[-1],\"clientId\":\"" + client + "\"}",
                            "X-RStudio-Refresh-Auth-Creds: 0")
                    .statusLine()
                    .contains(" 200 ")) {
                polls++;
                Thread.sleep(500);
            }
        } catch (Exception ended) {
            return polls;
        }
        return polls;
    }

    @Test
    void a_machine_that_is_drained_suspends_and_the_next_visit_resumes_elsewhere() throws Exception {
        RunningCarrel gateway = nodes.getFirst();
        Desk before = desk(gateway, "admin", gateway.start("admin", "rstudio", "default"));
        String here = before.shown().get("node").asText();
        before.begin();
        before.type("x");
        before.type("y");
        before.type("busy 3");
        assertThat(gateway.send("admin", "POST", "/api/v1/nodes/" + here + "/drain", "")
                                .statusCode()
                        / 100)
                .isEqualTo(2);
        try {
            gateway.awaitState("admin", before.session(), "ended");
            assertThat(before.shown().get("reason").asText()).contains("drained", "suspended");
            assertThat(RStudioServerDouble.sessions("carrel-t-admin")).isEmpty();
            Desk after = desk(gateway, "admin", gateway.start("admin", "rstudio", "default"));
            assertThat(after.shown().get("node").asText()).isNotEqualTo(here);
            after.begin();
            JsonNode state = after.state();
            assertThat(state.get("resumed").asInt()).isEqualTo(1);
            assertThat(state.get("counter").asInt()).isEqualTo(2);
            assertThat(RStudioServerDouble.sessions("carrel-t-admin"))
                    .as("never two at once")
                    .hasSize(1);
            stop(after);
        } finally {
            gateway.send("admin", "POST", "/api/v1/nodes/" + here + "/undrain", "");
        }
    }
}
