package org.carrel.face.maat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.carrel.face.maat.Requests.Answer;
import org.junit.jupiter.api.Test;

/// Who is let in, and when a request is over.
class RequestsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Map<String, List<Instant>> NONE = Map.of();

    private final Requests requests = new Requests(new Requests.Rules(1, Duration.ofSeconds(30)));

    @Test
    void a_request_lives_its_time_and_no_longer() {
        assertThat(requests.ask("ada", 0, false, NONE, NOW)).isEqualTo(Answer.GRANTED);
        requests.forget(NONE, NOW.plusMillis(29_999));
        assertThat(requests.alive()).containsEntry("ada", List.of(NOW));
        requests.forget(NONE, NOW.plusSeconds(30));
        assertThat(requests.alive()).isEmpty();
        assertThat(requests.changed()).isEqualTo(NOW.plusSeconds(30));
    }

    @Test
    void a_newer_process_of_the_user_answers_all_older_requests() {
        requests.ask("ada", 0, true, NONE, NOW);
        requests.ask("ada", 0, true, NONE, NOW.plusSeconds(1));
        requests.ask("ada", 0, true, NONE, NOW.plusSeconds(3));
        requests.ask("ben", 0, true, NONE, NOW);
        requests.forget(Map.of("ada", List.of(NOW.plusSeconds(2))), NOW.plusSeconds(4));
        assertThat(requests.alive())
                .containsEntry("ada", List.of(NOW.plusSeconds(3)))
                .containsKey("ben");
    }

    @Test
    void an_older_process_answers_nothing_but_for_the_precision_of_its_start() {
        requests.ask("ada", 0, true, NONE, NOW);
        requests.forget(Map.of("ada", List.of(NOW.minusMillis(21))), NOW.plusSeconds(1));
        assertThat(requests.alive()).containsKey("ada");
        requests.forget(Map.of("ada", List.of(NOW.minusMillis(20))), NOW.plusSeconds(1));
        assertThat(requests.alive()).isEmpty();
    }

    @Test
    void processes_and_requests_together_are_a_user_s_maximum() {
        Map<String, List<Instant>> one = Map.of("ada", List.of(NOW.minusSeconds(90)));
        assertThat(requests.ask("ada", 1, false, one, NOW)).isEqualTo(Answer.AT_MAXIMUM);
        assertThat(requests.ask("ben", 1, false, one, NOW)).isEqualTo(Answer.GRANTED);
        assertThat(requests.ask("ben", 2, false, one, NOW)).isEqualTo(Answer.AT_MAXIMUM);
        assertThat(requests.ask("ben", 2, true, one, NOW)).isEqualTo(Answer.GRANTED);
    }

    @Test
    void what_is_three_or_more_away_is_refused() {
        Map<String, List<Instant>> five = Map.of("zoe", java.util.Collections.nCopies(5, NOW.minusSeconds(90)));
        assertThat(requests.ask("a", 2, false, five, NOW)).isEqualTo(Answer.STALE);
        assertThat(requests.ask("a", 8, false, five, NOW)).isEqualTo(Answer.STALE);
        assertThat(requests.ask("a", Long.MAX_VALUE / 2, false, five, NOW)).isEqualTo(Answer.STALE);
        assertThat(requests.ask("a", 3, false, five, NOW)).isEqualTo(Answer.GRANTED);
        // six now
        assertThat(requests.ask("b", 8, false, five, NOW)).isEqualTo(Answer.GRANTED);
        assertThat(requests.alive()).containsOnlyKeys("a", "b");
    }

    @Test
    void force_registers_without_those_checks_but_within_the_bounds() {
        for (int i = 0; i < Requests.MOST_OF_USER; i++)
            assertThat(requests.ask("ada", 999, true, NONE, NOW)).isEqualTo(Answer.GRANTED);
        assertThat(requests.ask("ada", 999, true, NONE, NOW)).isEqualTo(Answer.CROWDED);
        for (int user = 0; requests.count() < Requests.MOST; user++)
            requests.ask("u" + user / Requests.MOST_OF_USER, 0, true, NONE, NOW);
        assertThat(requests.ask("last", 0, true, NONE, NOW)).isEqualTo(Answer.CROWDED);
        assertThat(requests.count()).isEqualTo(Requests.MOST);
    }

    @Test
    void a_clock_that_is_set_back_keeps_no_request_for_ever() {
        requests.ask("ada", 0, false, NONE, NOW);
        requests.forget(NONE, NOW.minusSeconds(3600));
        assertThat(requests.alive()).isEmpty();
    }
}
