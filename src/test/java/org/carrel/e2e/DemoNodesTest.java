package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `carrel demo` as root: three programs, one cluster.
@Tag("slow")
@Needs(Thing.ROOT)
class DemoNodesTest {
    private static final Pattern OTHER = Pattern.compile("n[23] at http://localhost:(\\d+)/, process (\\d+)");

    @Test
    void what_runs_on_another_node_is_used_at_the_first_and_ends_with_the_demo() throws Exception {
        List<ProcessHandle> others;
        try (RunningCarrel carrel = RunningCarrel.demoAt(threePorts(), "--nodes", "3")) {
            RunningCarrel.await(
                    "the demo says where its nodes are",
                    () -> OTHER.matcher(carrel.outputText()).results().count() == 2);
            Matcher said = OTHER.matcher(carrel.outputText());
            others = said.results()
                    .map(one -> ProcessHandle.of(Long.parseLong(one.group(2))).orElseThrow())
                    .toList();
            int second = carrel.port + 1;
            RunningCarrel.await("the second node serves", () -> answers(second));
            String token = carrel.tokenAt(second, "ada");
            String begun = RawHttp.send(
                            second,
                            "localhost:" + second,
                            "POST",
                            "/api/v1/sessions",
                            "{\"app\":\"hello\",\"node\":\"n2\"}",
                            "Authorization: Bearer " + token,
                            "Content-Type: application/json")
                    .body();
            String id = carrel.json(begun).get("id").asText();
            RunningCarrel.await("the first node knows of it", () -> {
                try {
                    return carrel.send("ada", "GET", "/api/v1/sessions/" + id, "")
                                    .statusCode()
                            == 200;
                } catch (Exception broken) {
                    throw new IllegalStateException(broken);
                }
            });
            JsonNode session = carrel.awaitState("ada", id, "ready");
            assertThat(session.get("node").asText()).isEqualTo("n2");
            assertThat(carrel.raw("ada", id, "GET", "/who", "")).contains("ada");
            assertThat(Files.readAllLines(carrel.state().resolve("demo/n1/uids")))
                    .as("one uid for a user on all nodes")
                    .hasSize(1);
            assertThat(carrel.state().resolve("demo/n2/uids")).doesNotExist();
        }
        assertThat(others).noneMatch(ProcessHandle::isAlive);
    }

    /// Below those that connections of other tests come from.
    private static int threePorts() {
        return IntStream.iterate(20_080, port -> port < 32_000, port -> port + 10)
                .filter(first -> IntStream.range(first, first + 3).allMatch(DemoNodesTest::isFree))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isFree(int port) {
        try (ServerSocket free = new ServerSocket(port)) {
            return free.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    private static boolean answers(int port) {
        try {
            return RawHttp.send(port, "localhost:" + port, "GET", "/health/live", "")
                    .statusLine()
                    .contains(" 200 ");
        } catch (Exception notYet) {
            return false;
        }
    }
}
