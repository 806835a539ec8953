package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StartPauseTest {
    @Test
    void a_pause_between_two_probes_adds_little_to_what_the_start_took() {
        for (long millis : new long[] {500, 1_000, 3_000, 10_000}) {
            Duration waited = Duration.ofMillis(millis);
            assertThat(StartErrand.pause(waited).multipliedBy(50)).isLessThan(waited);
        }
    }

    @Test
    void it_has_a_least_and_a_most() {
        assertThat(StartErrand.pause(Duration.ZERO)).isEqualTo(StartErrand.SHORTEST_PAUSE);
        assertThat(StartErrand.pause(Duration.ofMinutes(10))).isEqualTo(StartErrand.LONGEST_PAUSE);
    }
}
