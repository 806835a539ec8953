package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.carrel.kind.Qap;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Rserves on two programs with one cluster key, behind the fronts of both, with users of their own.
@Tag("real")
@Needs({Thing.ROOT, Thing.RSERVE})
@Timeout(120)
class RserveTest {
    private static final String PARENT = "as.numeric(strsplit(readLines('/proc/self/stat'), ' ')[[1]][4])";

    private Path above;
    private RunningCarrel one;
    private RunningCarrel two;
    private final Map<RunningCarrel, Integer> fronts = new HashMap<>();

    @BeforeEach
    void open() throws Exception {
        above = Files.createTempDirectory(Path.of("/tmp"), "ck");
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
        ClusterKey.make(above.resolve("key"), new ClusterName("lab"), Instant.now());
        int first = freePort("127.0.0.1");
        int second = freePort("127.0.0.2");
        one = up("n1", "127.0.0.1", first, "127.0.0.2:" + second);
        two = up("n2", "127.0.0.2", second, "127.0.0.1:" + first);
        for (RunningCarrel each : List.of(one, two)) {
            RunningCarrel.await("both see each other", () -> each.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
            RunningCarrel.await("both have an Rserve", () -> ready(each).size() == 2);
        }
    }

    private RunningCarrel up(String name, String address, int door, String peer) throws Exception {
        int front = freePort("127.0.0.1");
        RunningCarrel node = RunningCarrel.up("""
                node: {name: %s}
                cluster: {key: %s, address: %s, door: %d, peers: ["%s"], mdns: off}
                apps:
                  engine: {kind: rserve, per-node: 1, port: %d, memory: 200M}
                """.formatted(name, above.resolve("key"), address, door, peer, front));
        fronts.put(node, front);
        return node;
    }

    @AfterEach
    void close() throws Exception {
        for (RunningCarrel each : new RunningCarrel[] {one, two}) {
            if (each == null) continue;
            each.command("meta", each == one ? "n1" : "n2", "service.engine=off");
            each.close();
        }
        try (Stream<Path> all = Files.walk(above)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    @Test
    void each_front_leads_to_all_rserves_and_the_death_of_one_is_that_of_its_own_connections() throws Exception {
        for (RunningCarrel gateway : List.of(one, two)) {
            try (Qap first = connect(gateway);
                    Qap second = connect(gateway)) {
                assertThat(first.number("6 * 7")).isEqualTo(42);
                assertThat(first.number(PARENT)).isNotEqualTo(second.number(PARENT));
                assertThat(first.number("as.numeric(system('id -u', intern = TRUE))"))
                        .as("a user of its own")
                        .isGreaterThan(0);
            }
        }
        try (Qap first = connect(one);
                Qap second = connect(one)) {
            long victim = (long) first.number(PARENT);
            second.number("1");
            ProcessHandle.of(victim).orElseThrow().destroyForcibly();
            RunningCarrel.await("its connection ends", () -> !answers(first));
            assertThat(second.number("2")).isEqualTo(2);
            for (int i = 0; i < 4; i++)
                try (Qap fresh = connect(one)) {
                    assertThat(fresh.number("3")).isEqualTo(3);
                }
        }
        var launched = one.command("launch", "2", "engine");
        assertThat(launched.said()).contains("change per-node there");
        assertThat(launched.status()).isNotZero();
        assertThat(RawHttp.send(one.port, "localhost:" + one.port, "GET", "/service/engine/", "")
                        .statusLine())
                .as("no request reaches R")
                .doesNotContain(" 200 ");
        assertThat(two.send("admin", "POST", "/service/engine/", "evil").statusCode())
                .isIn(403, 404, 503);
        RunningCarrel.await("it is back", () -> ready(one).size() == 2);
    }

    private Qap connect(RunningCarrel gateway) throws IOException {
        return Qap.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), fronts.get(gateway)));
    }

    private static boolean answers(Qap qap) {
        try {
            return qap.number("1") == 1;
        } catch (IOException ended) {
            return false;
        }
    }

    private static List<String> ready(RunningCarrel gateway) {
        try {
            return Stream.of(gateway.get("admin", "/api/v1/services/engine").get("copies"))
                    .flatMap(copies -> copies.valueStream())
                    .filter(copy -> copy.get("state").asText().equals("ready"))
                    .map((JsonNode copy) -> copy.get("session").asText())
                    .toList();
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static int freePort(String address) throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
            return free.getLocalPort();
        }
    }
}
