package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Carrel dies at each step of a start, as the files show it; afterwards the session is adopted or cleanly gone, never
/// half there and never twice, and its user's next start works. `-Dcarrel.rounds=20` goes through all steps so often.
@Tag("real")
@Needs(Thing.R)
class StartStepsTest {
    private static final int ROUNDS = Integer.getInteger("carrel.rounds", 1);
    private static final long STEP_PATIENCE_NANOS = 30_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();

    /// What the start has left on the disk and in the process table, in this order.
    private enum Step {
        DIRECTORY,
        INTENT,
        BOX,
        LEADER,
        HANDLE,
        SOCKET,
        READY
    }

    @Test
    void a_kill_at_any_step_of_a_start_leaves_one_session_or_none() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            for (int round = 1; round <= ROUNDS; round++)
                for (Step step : Step.values()) killAt(carrel, step, "desk" + round + step.ordinal());
        }
    }

    private static void killAt(RunningCarrel carrel, Step step, String name) throws Exception {
        Path node = carrel.state().resolve("demo/n1");
        Path sockets = carrel.state().resolve("r/demo/n1");
        JsonNode asked = JSON.readTree(
                carrel.send("ben", "POST", "/api/v1/sessions", "{\"app\":\"counter\",\"name\":\"" + name + "\"}")
                        .body());
        String id = asked.path("id").asText();
        long deadline = System.nanoTime() + STEP_PATIENCE_NANOS;
        while (!reached(step, id, node, sockets)) { // looks without a pause: the next step may be a millisecond away
            if (System.nanoTime() > deadline) throw new TimeoutException("the start never came to " + step);
            Thread.onSpinWait();
        }
        carrel.kill9();
        Optional<Long> leader = leader(id);
        carrel.startAgain();

        String what = "killed at " + step + ", session " + id;
        JsonNode after = carrel.get("admin", "/api/v1/sessions/" + id);
        String state = after.path("state").asText("");
        if (state.isEmpty() || state.equals("ended")) {
            assertThat(step).as("%s was lost: %s", what, after).isLessThan(Step.HANDLE);
            RunningCarrel.await(
                    what + " is cleaned up",
                    () -> processes(id).isEmpty()
                            && !Files.exists(sockets.resolve(id))
                            && isEmpty(node.resolve("boxes/" + id + "/tmp")));
        }
        assertThat(leavings(node.resolve("agent/journal"))).as(what).isEmpty();

        JsonNode next = carrel.start("ben", "counter", name);
        if (leader.isPresent()) {
            assertThat(next.path("id").asText()).as("%s is adopted", what).isEqualTo(id);
            assertThat(leader(id)).as("%s goes on", what).isEqualTo(leader);
        }
        assertThat(liveOf(carrel, name)).as(what).isEqualTo(1);
        if (!next.path("id").asText().equals(id))
            assertThat(processes(id)).as(what).isEmpty();
        carrel.send("ben", "DELETE", "/api/v1/sessions/" + next.path("id").asText(), "");
        carrel.awaitState("ben", next.path("id").asText(), "ended");
    }

    private static boolean reached(Step step, String id, Path node, Path sockets) {
        Path records = node.resolve("agent/journal").resolve(id);
        return switch (step) {
            case DIRECTORY -> Files.exists(records);
            case INTENT -> Files.exists(records.resolve("record.bak"));
            case BOX -> Files.exists(node.resolve("boxes").resolve(id));
            case LEADER -> leader(id).isPresent();
            case HANDLE -> text(records.resolve("record")).contains("\"handle\"");
            case SOCKET -> Files.exists(sockets.resolve(id).resolve("s"));
            case READY -> text(records.resolve("record")).contains("\"readyAt\"");
        };
    }

    private static int liveOf(RunningCarrel carrel, String name) throws Exception {
        int live = 0;
        for (JsonNode session : carrel.get("ben", "/api/v1/sessions").path("items"))
            if (session.path("name").asText().equals(name)
                    && !session.path("state").asText().equals("ended")) live++;
        return live;
    }

    /// files of a record that was being written when the program died
    private static List<Path> leavings(Path journal) throws IOException {
        try (var files = Files.walk(journal)) {
            return files.filter(file -> file.toString().endsWith(".new")).toList();
        }
    }

    private static boolean isEmpty(Path directory) {
        try (var files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException gone) {
            return true;
        }
    }

    /// the process that leads the session: its own session and group
    private static Optional<Long> leader(String id) {
        return processes(id).stream()
                .filter(pid -> text(Path.of("/proc/" + pid + "/stat"))
                        .replaceFirst(".*\\) ", "")
                        .split(" ")[3]
                        .equals(pid.toString()))
                .findFirst();
    }

    private static List<Long> processes(String id) {
        List<Long> pids = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all)
                if (text(process.resolve("environ")).contains("CARREL_SESSION=" + id))
                    pids.add(Long.valueOf(process.getFileName().toString()));
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
        return pids;
    }

    /// @return empty when it isn't there, or not readable
    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
