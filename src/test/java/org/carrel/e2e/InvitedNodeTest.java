package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.carrel.support.Needs;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `carrel invite` on one machine, `carrel join` on another, then `carrel up` there, as whole programs; nothing but the
/// token is carried over. It was invited to run sessions and can't do more; and it is shut out.
@Tag("slow")
@Needs(Needs.Thing.ROOT)
class InvitedNodeTest {
    private static final String NET = Members.freeNet();

    private final List<RunningCarrel> running = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void makeKey() throws IOException {
        directory = Files.createTempDirectory("cj");
        ClusterKey.make(directory.resolve("key1"), new ClusterName("lab"), Instant.now());
    }

    @AfterEach
    void close() throws Exception {
        for (RunningCarrel carrel : running) carrel.close();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }

    @Test
    void a_machine_with_a_token_is_a_member_without_the_cluster_s_keys_and_as_what_it_was_invited() throws Exception {
        RunningCarrel first = RunningCarrel.up(settings(1, "agent, gateway"));
        running.add(first);
        assertThat(first.send("admin", "POST", "/api/v1/invitations", "{}").statusCode())
                .as("an administrator of the portal is not enough")
                .isEqualTo(403);
        RunningCarrel.Said invited = first.command("invite", "--roles", "agent", "--json");
        assertThat(invited.status()).as(invited.said()).isZero();
        String token = new ObjectMapper().readTree(invited.said()).path("token").asText();

        RunningCarrel second = RunningCarrel.prepared(settings(2, "agent"));
        RunningCarrel.Said joined = second.command("join", token);
        assertThat(joined.status()).as(joined.said()).isZero();
        assertThat(joined.said())
                .contains("of cluster lab")
                .contains("carrel up --roles agent")
                .doesNotContain(token);
        assertThat(directory.resolve("key2/ca.key")).doesNotExist();
        assertThat(directory.resolve("key2/secret")).doesNotExist();
        second.startAgain();
        running.add(second);
        Map<String, String> both = Map.of("n1", "up", "n2", "up");
        RunningCarrel.await("n1 sees n2", () -> first.nodeStates().equals(both));
        RunningCarrel.await("n2 sees n1", () -> second.nodeStates().equals(both));
        RunningCarrel.await("n1 knows what n2 is", () -> roles(first, "n2").equals(List.of("agent")));
        assertThat(roles(second, "n2")).containsExactly("agent");
        // what n1 says of itself tells where its door is, too
        RunningCarrel.await("n2 knows where n1 is", () -> !roles(second, "n1").isEmpty());
        RunningCarrel.Said drain = second.command("drain", "n1");
        assertThat(drain.said()).contains("asked by nodes with the role gateway");
        RunningCarrel.Said cant = second.command("invite");
        assertThat(cant.status()).isNotZero();
        assertThat(cant.said()).contains("ask one that has the cluster's key");
        RunningCarrel.Said revoked = second.command("forget", "n1", "--revoke");
        assertThat(revoked.said()).contains("ask one that has the cluster's key");
        assertThat(first.command("forget", "n2", "--revoke").status()).isZero();
        RunningCarrel.await("n1 shows nothing of it", () -> first.nodeStates().equals(Map.of("n1", "up")));
        RunningCarrel.await("n2 has lost n1", () -> !second.nodeStates().equals(both));
        assertThat(first.command("forget", "n2", "--undo").status()).isZero();
        RunningCarrel.await("n1 sees n2 again", () -> first.nodeStates().equals(both));
        RunningCarrel.await("n2 sees n1 again", () -> second.nodeStates().equals(both));
        String audit = Files.readString(first.state().resolve("n/audit/audit.jsonl"));
        assertThat(audit)
                .contains("node-invited")
                .contains("node-join")
                .contains("node-shut-out")
                .doesNotContain(token);
    }

    private static List<String> roles(RunningCarrel asked, String name) {
        List<String> roles = new ArrayList<>();
        try {
            for (JsonNode node : asked.get("ada", "/api/v1/nodes").get("items"))
                if (node.get("name").asText().equals(name)) node.get("roles").forEach(role -> roles.add(role.asText()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return roles;
    }

    private String settings(int number, String roles) {
        return "node: {name: n%1$d, roles: [%4$s]}\ncluster: {key: %2$s/key%1$d, address: %3$s%1$d, mdns: off}\n"
                .formatted(number, directory, NET, roles);
    }
}
