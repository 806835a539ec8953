package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `carrel demo --kill-us`, as its visitor sees it: Carrel dies again and again, the session doesn't.
@Tag("slow")
class KillUsTest {
    private static final Pattern SURVIVED =
            Pattern.compile("killed (\\d+) with -9 · back as (\\d+) after [0-9.]+ s · 1 of 1 sessions go on");
    private static final Pattern FAREWELL = Pattern.compile("killed [1-9]\\d* times, .* sessions that went on: ");

    @Test
    void says_what_survived_each_kill() throws Exception {
        RunningCarrel carrel = RunningCarrel.demo("--kill-us", "8");
        try (carrel) {
            JsonNode session = patiently(carrel);
            RunningCarrel.await("a kill", () -> survived(carrel).count() >= 1);
            RunningCarrel.await("another kill", () -> survived(carrel).count() >= 2);
            MatchResult[] kills = survived(carrel).toArray(MatchResult[]::new);
            assertThat(kills[0].group(1)).isNotEqualTo(kills[0].group(2));
            assertThat(kills[0].group(2)).isEqualTo(kills[1].group(1));
            long pid = session.get("pid").asLong();
            assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive)).hasValue(true);
            carrel.stop();
            RunningCarrel.await(
                    "the demo's end to be the end of its sessions",
                    () -> !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
            assertThat(carrel.outputText()).containsPattern(FAREWELL);
        }
    }

    /// The first try may fall into a kill.
    private static JsonNode patiently(RunningCarrel carrel) throws Exception {
        JsonNode[] ready = new JsonNode[1];
        RunningCarrel.await("a session", () -> {
            try {
                ready[0] = carrel.start("ada", "hello", "default");
                return ready[0].hasNonNull("pid");
            } catch (Exception killed) {
                return false;
            }
        });
        return ready[0];
    }

    private static java.util.stream.Stream<MatchResult> survived(RunningCarrel carrel) {
        return SURVIVED.matcher(carrel.outputText()).results();
    }
}
