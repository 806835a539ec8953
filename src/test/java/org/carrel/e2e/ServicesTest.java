package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.carrel.support.ProgramJar;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A service on two programs with one cluster key: launched, balanced, killed, adopted, ended.
@Tag("real")
@Needs(Thing.ROOT)
class ServicesTest {
    private static final String CLUB = "club.example.org";

    private final Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    private Path above;
    private Path hello;
    private RunningCarrel one;
    private RunningCarrel two;

    @BeforeEach
    void open() throws Exception {
        above = Files.createTempDirectory(Path.of("/tmp"), "ck");
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
        hello = Files.copy(Path.of(ProgramJar.classPath().split(":")[0]), above.resolve("hello.jar"));
        Files.setPosixFilePermissions(hello, PosixFilePermissions.fromString("rw-r--r--"));
        ClusterKey.make(above.resolve("key"), new ClusterName("lab"), Instant.now());
        int first = freePort("127.0.0.1");
        int second = freePort("127.0.0.2");
        one = RunningCarrel.up(settings("n1", "127.0.0.1", first, "127.0.0.2:" + second));
        two = RunningCarrel.up(settings("n2", "127.0.0.2", second, "127.0.0.1:" + first));
        Path users = two.state().resolve("users");
        Files.copy(one.state().resolve("users"), users, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r--r--"));
        for (RunningCarrel each : List.of(one, two))
            RunningCarrel.await("both see each other", () -> each.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
        RunningCarrel.await("both reach each other", () -> answers(one, "n2") && answers(two, "n1"));
    }

    @AfterEach
    void close() throws Exception {
        if (two != null) {
            for (String service : List.of("site", "club")) launch(two, service, 0);
            two.close();
        }
        if (one != null) one.close();
        try (Stream<Path> all = Files.walk(above)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    @Test
    void two_copies_run_are_balanced_come_back_are_adopted_and_end() throws Exception {
        var said = one.command("launch", "2", "site");
        assertThat(said.said()).contains("n1 | made ready", "n2 | made ready", "copies of site: 2");
        assertThat(said.status()).isZero();
        Map<String, String> copies = awaitCopies(Set.of("n1", "n2"), Map.of());
        Set<Long> processes = new HashSet<>();
        for (RunningCarrel gateway : List.of(one, two)) {
            Set<Long> through = new HashSet<>();
            RunningCarrel.await("both copies answer", () -> through.add(process(gateway)) && through.size() == 2);
            processes.addAll(through);
        }
        assertThat(processes).hasSize(2);

        aClosedServiceIsAtItsHostForWhoIsHandedOver();

        long victim = processes.iterator().next();
        ProcessHandle.of(victim).orElseThrow().destroyForcibly();
        Set<Long> after = new HashSet<>();
        RunningCarrel.await("it is back, and everything was answered", () -> {
            after.add(process(one));
            after.remove(victim);
            return after.size() == 2;
        });
        Map<String, String> again = awaitCopies(Set.of("n1", "n2"), Map.of());
        assertThat(again.values()).hasSize(2).isNotEqualTo(copies.values());

        one.kill9();
        one.startAgain();
        RunningCarrel.await("n1 is back", () -> two.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
        assertThat(awaitCopies(Set.of("n1", "n2"), again)).isEqualTo(again);
        RunningCarrel.await("n1 reaches n2 again", () -> answers(one, "n2"));
        assertThat(launch(two, "site", 2)).contains("\"what\":\"done\"").doesNotContain("chosen");

        assertThat(launch(one, "site", 0)).contains("\"what\":\"done\"");
        awaitCopies(Set.of(), Map.of());
        RunningCarrel.await(
                "nothing is left",
                () -> after.stream()
                        .noneMatch(pid -> ProcessHandle.of(pid)
                                .filter(ProcessHandle::isAlive)
                                .isPresent()));
        assertThat(RawHttp.send(two.port, "localhost:" + two.port, "GET", "/service/site/who", "")
                        .statusLine())
                .contains(" 503 ");
    }

    /// The browser of the test sends all its cookies to all hosts: the portal's prove nothing there.
    private void aClosedServiceIsAtItsHostForWhoIsHandedOver() throws Exception {
        assertThat(launch(one, "club", 1)).contains("\"what\":\"done\"");
        for (RunningCarrel gateway : List.of(one, two))
            RunningCarrel.await(
                    "the club is closed, and there", () -> club(gateway, "/who").contains(" 302 "));
        for (List<RunningCarrel> way : List.of(List.of(one, two), List.of(two, one))) {
            int first = way.getFirst().port;
            SignedInBrowser ada = SignedInBrowser.at(first, "ada");
            RunningCarrel.await("its users are read", () -> isKnown(ada, way.getLast()));
            String portal = SignedInBrowser.target(ada.visit(first, CLUB, "/who"));
            assertThat(portal).startsWith("/handover?service=club&host=" + CLUB);
            String enter = SignedInBrowser.target(ada.visit(way.getLast().port, "localhost", portal));
            assertThat(enter).startsWith("/.carrel/enter?");
            assertThat(ada.visit(first, CLUB, enter).head()).contains("Location: /who");
            assertThat(ada.visit(first, CLUB, "/who").body()).contains("\"user\":\"ada\"");
            assertThat(ada.visit(first, CLUB, enter).statusLine()).contains(" 400 ");
            assertThat(ada.visit(first, "localhost", "/service/club/who").head())
                    .contains("Location: //" + CLUB + ":" + first + "/who");
            String host = CLUB + ":" + first;
            try (RawWebSocket socket = new RawWebSocket(
                    first,
                    host,
                    "/echo",
                    "Authorization: Bearer " + way.getFirst().token("ben"),
                    "Origin: http://" + host)) {
                assertThat(socket.isOpen()).as(socket.statusLine).isTrue();
                socket.sendText("hello");
                assertThat(socket.await("hello"::equals)).isPresent();
            }
        }
        assertThat(launch(one, "club", 0)).contains("\"what\":\"done\"");
    }

    private static boolean isKnown(SignedInBrowser browser, RunningCarrel at) {
        try {
            return browser.me(at.port).statusLine().contains(" 200 ");
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static String club(RunningCarrel gateway, String path) {
        try {
            return RawHttp.send(gateway.port, CLUB + ":" + gateway.port, "GET", path, "")
                    .statusLine();
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static boolean answers(RunningCarrel gateway, String node) {
        try {
            return gateway.send("admin", "GET", "/api/v1/nodes/" + node + "/metadata", "")
                            .statusCode()
                    == 200;
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    /// Who isn't signed in asks; a copy that was just killed may break off what it was sent.
    private static long process(RunningCarrel gateway) {
        try {
            RawHttp answer = RawHttp.send(gateway.port, "localhost:" + gateway.port, "GET", "/service/site/who", "");
            if (!answer.statusLine().contains(" 200 ")) return -1;
            assertThat(answer.body()).contains("\"user\":\"nobody\"");
            return gateway.json(answer.body()).get("pid").asLong();
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    /// @param wanted session of each node; empty: any
    private Map<String, String> awaitCopies(Set<String> nodes, Map<String, String> wanted) throws Exception {
        Map<String, String> copies = new TreeMap<>();
        RunningCarrel.await("copies on " + nodes, () -> {
            copies.clear();
            try {
                for (RunningCarrel gateway : List.of(one, two)) {
                    Map<String, String> seen = new TreeMap<>();
                    for (JsonNode copy :
                            gateway.get("admin", "/api/v1/services/site").get("copies"))
                        if (copy.get("state").asText().equals("ready") || nodes.isEmpty())
                            seen.put(
                                    copy.get("node").asText(),
                                    copy.get("session").asText());
                    if (!copies.isEmpty() && !copies.equals(seen)) return false;
                    copies.putAll(seen);
                    if (!seen.keySet().equals(nodes)) return false;
                }
            } catch (Exception broken) {
                throw new IllegalStateException(broken);
            }
            return wanted.isEmpty() || copies.equals(wanted);
        });
        return new TreeMap<>(copies);
    }

    private static String launch(RunningCarrel at, String service, int copies) throws Exception {
        return at.send("admin", "POST", "/api/v1/services/" + service, "{\"copies\":" + copies + "}")
                .body();
    }

    private String settings(String name, String address, int door, String peer) {
        return """
                node: {name: %s}
                cluster: {key: %s, address: %s, door: %d, peers: ["%s"], mdns: off}
                apps:
                  site:
                    kind: web
                    service: true
                    anonymous: true
                    memory: 200M
                    install: [/bin/sh, -c, "echo made ready"]
                    command: &hello [%s, -Xmx64m, -cp, %s, org.carrel.hello.Hello, --socket, "{socket}"]
                  club: {kind: web, service: true, host: %s, memory: 200M, command: *hello}
                """.formatted(name, above.resolve("key"), address, door, peer, java, hello, CLUB);
    }

    private static int freePort(String address) throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
            return free.getLocalPort();
        }
    }
}
