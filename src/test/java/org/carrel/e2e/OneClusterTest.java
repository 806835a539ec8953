package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.carrel.cluster.Members;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Whole programs on addresses of loopback, with the cluster key copied to each.
@Tag("slow")
@Needs(Needs.Thing.ROOT)
class OneClusterTest {
    private static final String NET = Members.freeNet();

    private final List<RunningCarrel> running = new ArrayList<>();
    private Path keys;

    @BeforeEach
    void makeKeys() throws IOException {
        keys = Files.createTempDirectory("ck");
        for (String name : List.of("ours", "theirs"))
            ClusterKey.make(keys.resolve(name), new ClusterName("lab"), Instant.now());
    }

    @AfterEach
    void close() throws Exception {
        for (RunningCarrel carrel : running) carrel.close();
        try (Stream<Path> all = Files.walk(keys)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }

    @Test
    void nodes_with_one_key_see_each_other_and_a_stranger_stays_outside() throws Exception {
        RunningCarrel first = start(1, "ours");
        RunningCarrel second = start(2, "ours");
        RunningCarrel stranger = start(3, "theirs");
        RunningCarrel.await("n1 sees n2", () -> first.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
        RunningCarrel.await("n2 sees n1", () -> second.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
        // its members, their hearts and what they say of themselves are heard of one after the other
        Await.until("n1 hears n2's heart", () -> node(first, "n2").has("phiThreshold"));
        Await.until(
                "n1 hears what n2 has",
                () -> node(first, "n2").get("maxSessions").asInt() == 100);
        JsonNode other = node(first, "n2");
        assertThat(other.get("address").asText()).isEqualTo(NET + "2:7444");
        assertThat(other.get("phiThreshold").asDouble()).isEqualTo(8);

        assertThat(first.send("ada", "POST", "/api/v1/nodes/n2/forget", "").statusCode())
                .isEqualTo(403);
        assertThat(first.send("admin", "POST", "/api/v1/nodes/n2/forget", "").statusCode())
                .isEqualTo(409);
        second.kill9();
        RunningCarrel.await(
                "n1 misses n2", () -> "unreachable".equals(first.nodeStates().get("n2")));
        assertThat(first.send("admin", "POST", "/api/v1/nodes/n2/forget", "").statusCode())
                .isEqualTo(202);
        RunningCarrel.await("n1 forgets n2", () -> first.nodeStates().equals(Map.of("n1", "up")));

        second.startAgain();
        RunningCarrel.await("n2 is back", () -> first.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
        assertThat(stranger.nodeStates()).isEqualTo(Map.of("n3", "up"));
    }

    @Test
    void an_upgrade_of_one_program_leaves_the_cluster_as_it_was() throws Exception {
        RunningCarrel first = start(1, "ours");
        RunningCarrel second = start(2, "ours");
        RunningCarrel.await("n1 sees n2", () -> first.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
        second.upgrade();
        RunningCarrel.await("n2 sees n1 again", () -> second.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
        RunningCarrel.await("n1 sees n2 again", () -> first.nodeStates().equals(Map.of("n1", "up", "n2", "up")));
    }

    private RunningCarrel start(int number, String key) throws Exception {
        RunningCarrel carrel = RunningCarrel.up("""
                node: {name: n%1$d}
                cluster: {key: %2$s, address: %3$s%1$d, peers: [%3$s1, %3$s2, %3$s3]}
                """.formatted(number, keys.resolve(key), NET));
        running.add(carrel);
        return carrel;
    }

    private static JsonNode node(RunningCarrel carrel, String name) throws Exception {
        return carrel.get("ada", "/api/v1/nodes/" + name);
    }
}
