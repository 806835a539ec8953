package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.carrel.launch.Launcher.Activity;
import org.junit.jupiter.api.Test;

/// What an account's files say. Which processes are genuine is tested with processes, in `RSessionLauncherTest`.
class RSessionsTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static String line(String running, String executing, String used, String project) {
        return running + "\t" + executing + "\t" + used + "\t" + project + "\t";
    }

    @Test
    void the_session_used_last_of_those_that_run_is_the_one() {
        String noon = Long.toString(NOON.toEpochMilli());
        String earlier = NOON.toEpochMilli() - 1000 + ".75";
        assertThat(RSessions.newest(List.of(
                        line("0", "1", "9999999999999", "~/old"),
                        line("1", "0", noon, "~/thesis"),
                        line("1", "1", earlier, "~/other"))))
                .hasValueSatisfying(it -> {
                    assertThat(it.working()).isFalse();
                    assertThat(it.lastUse()).contains(NOON);
                    assertThat(it.project()).contains("~/thesis");
                });
    }

    @Test
    void nothing_is_made_of_what_no_rstudio_writes() {
        assertThat(RSessions.newest(List.of())).isEmpty();
        assertThat(RSessions.newest(List.of("", "1", "1\t1", "1\t1\t1\t1\t1\t1\t1")))
                .isEmpty();
        assertThat(RSessions.newest(List.of(line("1", "yes", "soon", "none")))).hasValueSatisfying(it -> {
            assertThat(it.working()).isFalse();
            assertThat(it.lastUse()).isEmpty();
            assertThat(it.project()).isEmpty();
        });
        for (String time : List.of("-5", "NaN", "Infinity", "1e300", "99999999999999999"))
            assertThat(RSessions.newest(List.of(line("1", "0", time, ""))).flatMap(Activity::lastUse))
                    .as(time)
                    .isEmpty();
    }

    @Test
    void what_a_user_writes_into_a_name_is_bounded_and_printable() {
        assertThat(RSessions.newest(List.of(line("1", "0", "1", "a\u001b[31m\u0007" + "x".repeat(400))))
                        .flatMap(Activity::project))
                .hasValueSatisfying(
                        it -> assertThat(it).hasSize(200).startsWith("a?[31m?x").doesNotContain("\u001b"));
    }
}
