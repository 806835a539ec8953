package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.session.SessionId;
import org.carrel.door.Words.SampleWords;
import org.carrel.port.Sample;
import org.junit.jupiter.api.Test;

class FarSamplesTest {
    private static final SessionId ID = new SessionId("aaaaaaaaaaaaaaaa");
    private static final SessionId FOREIGN = new SessionId("bbbbbbbbbbbbbbbb");
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static Sample sample(double cpu, IdleVerdict verdict) {
        return new Sample(cpu, 7, List.of(1.0, cpu), List.of(6L, 7L), 2, NOON, verdict, Optional.of("~/thesis"));
    }

    private static Map<SessionId, Sample> over(Map<SessionId, Sample> told, Map<SessionId, Sample> before) {
        return FarSamples.heard(FarSamples.words(told), before, Set.of(ID));
    }

    @Test
    void the_last_of_it_arrives_and_what_came_before_is_kept_here() {
        for (IdleVerdict verdict : List.of(
                new IdleVerdict.Keep("it works", Instant.MAX),
                new IdleVerdict.Keep("it was used", NOON),
                new IdleVerdict.Warn("nobody uses it", NOON),
                new IdleVerdict.Stop("nobody used it"))) {
            Map<SessionId, Sample> first = over(Map.of(ID, sample(3, verdict)), Map.of());
            Sample second = over(Map.of(ID, sample(5, verdict)), first).get(ID);
            assertThat(second)
                    .isEqualTo(new Sample(
                            5, 7, List.of(3.0, 5.0), List.of(7L, 7L), 2, NOON, verdict, Optional.of("~/thesis")));
        }
    }

    @Test
    void a_node_tells_of_its_own_sessions_only() {
        Sample one = sample(1, new IdleVerdict.Stop("x"));
        assertThat(over(Map.of(FOREIGN, one), Map.of())).isEmpty();
    }

    @Test
    void what_was_not_asked_for_stays_and_what_is_not_told_any_more_goes() {
        Map<SessionId, Sample> before = over(Map.of(ID, sample(1, new IdleVerdict.Stop("x"))), Map.of());
        assertThat(FarSamples.heard(null, before, Set.of(ID))).isSameAs(before);
        assertThat(over(Map.of(), before)).isEmpty();
    }

    @Test
    void what_is_kept_is_bounded_and_what_is_not_understood_is_refused() {
        Map<SessionId, Sample> known = Map.of();
        for (int i = 0; i < 100; i++) known = over(Map.of(ID, sample(i, new IdleVerdict.Stop("x"))), known);
        assertThat(known.get(ID).cpuHistory()).hasSize(60).endsWith(98.0, 99.0);
        SampleWords odd = new SampleWords(1, 1, 1, NOON, "perhaps", "x", null, "p".repeat(300));
        assertThatThrownBy(() -> FarSamples.heard(Map.of(ID.value(), odd), Map.of(), Set.of(ID)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FarSamples.heard(Map.of("../etc", odd), Map.of(), Set.of(ID)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
