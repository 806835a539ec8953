package org.carrel.domain.idle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.carrel.domain.idle.IdleVerdict.Keep;
import org.carrel.domain.idle.IdleVerdict.Stop;
import org.carrel.domain.idle.IdleVerdict.Warn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdlePolicyTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final IdleRule TWO_HOURS = rule("PT2H", "PT5M", "");

    /// All durations ISO 8601; `left`: until it would be stopped, empty: never.
    @ParameterizedTest(name = "{0}: {10}")
    @CsvSource(delimiter = '|', textBlock = """
            # verdict | after | warning | max life | age | since input | since busy | pages | working | cpu | left | reason
            keep | PT2H | PT5M |      | PT3H  | PT3S    | PT3H | 1 | false | 0    | PT1H59M57S | it was used just now
            keep | PT2H | PT5M |      | PT3H  | PT40M   | PT3H | 1 | false | 0    | PT1H20M    | it was used 40 min ago
            keep | PT2H | PT5M |      | PT10M | PT10M   | PT10M| 0 | false | 0    | PT1H50M    | it was used 10 min ago
            keep | PT2H | PT5M |      | PT10M | PT20M   | PT10M| 0 | false | 0    | PT1H50M    | it started 10 min ago
            keep | PT2H | PT5M |      | PT9H  | PT9H    | PT30S| 0 | false | 1    | PT1H59M30S | it worked 30 s ago
            keep | PT2H | PT5M |      | PT9H  | PT9H    | PT0S | 0 | true  | 0    |            | it is working
            keep | PT2H | PT5M |      | PT9H  | PT9H    | PT0S | 0 | false | 86.6 |            | it is computing: 87 % of a core
            keep | PT2H | PT5M |      | PT9H  | PT9H    | PT0S | 0 | false | 10   |            | it is computing: 10 % of a core
            warn | PT2H | PT5M |      | PT9H  | PT1H55M | PT9H | 0 | false | 9.9  | PT5M       | nobody has used it for 1 h 55 min
            warn | PT2H | PT5M |      | PT9H  | PT1H58M | PT9H | 3 | false | 0    | PT2M       | nobody has used it for 1 h 58 min, though 3 pages are open
            stop | PT2H | PT5M |      | PT9H  | PT2H    | PT9H | 0 | false | 0    |            | nobody has used it for 2 h
            stop | PT2H | PT5M |      | P3D   | P2DT4H  | P3D  | 1 | false | 0    |            | nobody has used it for 2 d 4 h, though a page is open
            keep |      | PT5M |      | P30D  | P30D    | P30D | 0 | false | 0    |            | it is never stopped for being idle
            keep |      | PT5M | P31D | P30D  | P30D    | P30D | 0 | false | 0    | P1D        | it is never stopped for being idle
            stop |      | PT5M | PT8H | PT8H  | PT1S    | PT8H | 1 | true  | 99   |            | it has reached its longest life, 8 h
            warn | PT2H | PT5M | PT8H | PT7H56M | PT1S  | PT8H | 1 | true  | 99   | PT4M       | it reaches its longest life, 8 h, in 4 min
            keep | PT2H | PT5M | PT8H | PT7H  | PT1S    | PT7H | 1 | false | 0    | PT1H       | it was used just now
            keep | PT2H | PT5M | PT8H | PT7H  | PT1S    | PT7H | 1 | true  | 0    | PT1H       | it is working
            keep | PT4M | PT5M |      | PT9H  | PT1M    | PT9H | 0 | false | 0    | PT3M       | it was used 1 min ago
            warn | PT4M | PT5M |      | PT9H  | PT2M    | PT9H | 0 | false | 0    | PT2M       | nobody has used it for 2 min
            stop | PT4M | PT0S |      | PT9H  | PT4M    | PT9H | 0 | false | 0    |            | nobody has used it for 4 min
            """)
    void every_verdict_has_its_reason(
            String verdict,
            String after,
            String warning,
            String maxLife,
            Duration age,
            Duration sinceInput,
            Duration sinceBusy,
            int pages,
            boolean working,
            double cpu,
            String left,
            String reason) {
        Instant stopsAt = left == null ? Instant.MAX : NOW.plus(Duration.parse(left));
        IdleVerdict expected = switch (verdict) {
            case "keep" -> new Keep(reason, stopsAt);
            case "warn" -> new Warn(reason, stopsAt);
            default -> new Stop(reason);
        };
        Signals signals = new Signals(age, sinceInput, pages, working, cpu, sinceBusy);
        assertThat(IdlePolicy.judge(rule(after, warning, maxLife), signals, NOW))
                .isEqualTo(expected);
    }

    @Test
    void a_session_is_warned_before_every_stop_if_it_is_looked_at_often_enough() {
        for (int step = 0; step < 200; step++) {
            Duration unused = Duration.ofMinutes(step);
            IdleVerdict now = judgeUnused(unused);
            IdleVerdict before = judgeUnused(unused.minusMinutes(1));
            if (now instanceof Stop) assertThat(before).isNotInstanceOf(Keep.class);
        }
    }

    @Test
    void an_open_page_alone_does_not_keep_a_session_for_ever() {
        assertThat(judgeUnused(Duration.ofHours(2))).isInstanceOf(Stop.class);
    }

    private static IdleVerdict judgeUnused(Duration unused) {
        return IdlePolicy.judge(TWO_HOURS, new Signals(Duration.ofDays(1), unused, 1, false, 0), NOW);
    }

    private static IdleRule rule(String after, String warning, String maxLife) {
        return new IdleRule(duration(after), Duration.parse(warning), duration(maxLife));
    }

    private static Optional<Duration> duration(String text) {
        return text == null || text.isEmpty() ? Optional.empty() : Optional.of(Duration.parse(text));
    }
}
