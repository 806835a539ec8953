package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.carrel.cluster.Members;
import org.carrel.support.Needs;
import org.carrel.support.ProgramJar;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two whole programs as root, each with homes of its own, and users with uids of their own.
@Tag("slow")
@Needs(Needs.Thing.ROOT)
class HomesTest {
    private static final String NET = Members.freeNet();

    private final List<RunningCarrel> running = new ArrayList<>();
    private Path key;
    private Path hello;

    @BeforeEach
    void makeKey() throws IOException {
        Path above = Files.createTempDirectory("ck");
        // sessions run with uids of their own, and read the program
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
        hello = Files.copy(Path.of(ProgramJar.classPath().split(":")[0]), above.resolve("hello.jar"));
        Files.setPosixFilePermissions(hello, PosixFilePermissions.fromString("rw-r--r--"));
        key = above.resolve("key");
        ClusterKey.make(key, new ClusterName("lab"), Instant.now());
    }

    @AfterEach
    void close() throws Exception {
        for (RunningCarrel carrel : running) carrel.close();
        try (Stream<Path> all = Files.walk(key.getParent())) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }

    @Test
    void a_users_files_are_on_one_machine_and_are_moved_as_a_whole() throws Exception {
        RunningCarrel first = start(1);
        RunningCarrel second = start(2);
        RunningCarrel.await("n1 sees n2", () -> first.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
        RunningCarrel.await("n2 sees n1", () -> second.nodeStates().equals(Map.of("n1", "up", "n2", "up")));

        JsonNode begun = first.start("ada", "desk", "one");
        String home = begun.get("node").asText();
        String other = home.equals("n1") ? "n2" : "n1";
        RunningCarrel there = home.equals("n1") ? first : second;
        RunningCarrel elsewhere = there == first ? second : first;
        await(
                "the other node knows the home",
                () -> home(elsewhere).path("node").asText().equals(home));
        JsonNode two = elsewhere.start("ada", "desk", "two");
        assertThat(two.get("node").asText()).isEqualTo(home);
        said(there, begun, "1 beginnings here");
        said(there, two, "2 beginnings here");

        String move = "/api/v1/homes/ada/move";
        String to = "{\"to\":\"" + other + "\"}";
        assertThat(first.send("ada", "POST", move, to).statusCode()).isEqualTo(403);
        HttpResponse<String> inUse = first.send("admin", "POST", move, to);
        assertThat(inUse.statusCode()).as(inUse.body()).isEqualTo(409);
        for (JsonNode session : List.of(begun, two)) {
            String path = "/api/v1/sessions/" + session.get("id").asText();
            there.send("ada", "DELETE", path, "");
            there.awaitState("ada", session.get("id").asText(), "ended");
        }
        await("a move begins", () -> first.send("admin", "POST", move, to).statusCode() == 202);
        await(
                "it is over",
                () -> first.get("admin", "/api/v1/homes/ada")
                        .path("moveState")
                        .asText()
                        .equals("done"));
        await("the old home knows", () -> home(there).path("node").asText().equals(other));

        // through the old home's gateway, which has heard of it
        JsonNode three = there.start("ada", "desk", "three");
        assertThat(three.get("node").asText()).isEqualTo(other);
        said(elsewhere, three, "3 beginnings here");
    }

    private static JsonNode home(RunningCarrel carrel) throws Exception {
        return carrel.get("ada", "/api/v1/homes/ada");
    }

    private static void said(RunningCarrel carrel, JsonNode session, String line) throws Exception {
        String log = "/api/v1/sessions/" + session.get("id").asText() + "/logs";
        await(line, () -> carrel.send("ada", "GET", log, "").body().contains(line));
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        RunningCarrel.await(what, () -> {
            try {
                return condition.holds();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private RunningCarrel start(int number) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        RunningCarrel carrel = RunningCarrel.up("""
                node: {name: n%1$d}
                cluster: {key: %2$s, address: %3$s%1$d, peers: [%3$s1, %3$s2]}
                apps:
                  desk:
                    kind: web
                    files: true
                    command: [sh, -c, 'echo x >> ~/here; echo $(wc -l < ~/here) beginnings here; exec "$@"', desk,
                        %4$s, -Xmx64m, -cp, %5$s, org.carrel.hello.Hello, --socket, "{socket}"]
                """.formatted(number, key, NET, java, hello));
        running.add(carrel);
        return carrel;
    }
}
