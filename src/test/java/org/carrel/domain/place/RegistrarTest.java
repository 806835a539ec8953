package org.carrel.domain.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Turn;
import org.carrel.domain.session.SessionKey;
import org.junit.jupiter.api.Test;

class RegistrarTest {
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");
    private static final SessionKey ADA = Machines.key("ada");
    private Registrar registrar = Registrar.of(N1, 7);
    private Instant now = Machines.NOW;

    @Test
    void the_first_asker_of_a_key_has_the_turn_and_the_second_is_told_when_to_ask_again() {
        assertThat(take(ADA, "g1", 0)).isEqualTo(yours(1, Registrar.TURN_LIFE));
        assertThat(take(ADA, "g2", 0)).isEqualTo(new TurnAnswer.Others(Registrar.AGAIN));
        assertThat(take(Machines.key("ben"), "g2", 0)).isEqualTo(yours(2, Registrar.TURN_LIFE));
    }

    @Test
    void asking_again_gives_the_same_turn_and_no_more_time() {
        take(ADA, "g1", 0);
        pass(Duration.ofSeconds(1));
        assertThat(take(ADA, "g1", 0)).isEqualTo(yours(1, Duration.ofSeconds(2)));
    }

    @Test
    void an_asker_that_needs_a_new_turn_gets_one_above_its_last() {
        take(ADA, "g1", 0);
        assertThat(take(ADA, "g1", 40))
                .isInstanceOfSatisfying(
                        TurnAnswer.Yours.class,
                        yours -> assertThat(yours.turn().number()).isEqualTo(41));
    }

    @Test
    void the_next_one_learns_where_the_session_is() {
        Turn turn = given(ADA, "g1");
        end(ADA, turn, Optional.of(N2));
        assertThat(take(ADA, "g2", 0))
                .isEqualTo(new TurnAnswer.Yours(new Turn(2, N1, 7), Registrar.TURN_LIFE, Optional.of(N2), false));
    }

    @Test
    void a_turn_of_which_nothing_came_leaves_no_trace() {
        end(ADA, given(ADA, "g1"), Optional.empty());
        assertThat(take(ADA, "g2", 0)).isEqualTo(yours(2, Registrar.TURN_LIFE));
    }

    @Test
    void a_turn_that_ran_out_without_a_word_makes_the_next_asker_careful() {
        given(ADA, "g1");
        pass(Registrar.TURN_LIFE.minusMillis(1));
        assertThat(take(ADA, "g2", 0)).isInstanceOf(TurnAnswer.Others.class);
        pass(Duration.ofMillis(1));
        assertThat(unsettled(take(ADA, "g2", 0))).isTrue();
    }

    @Test
    void carefulness_lasts_until_the_session_is_known() {
        given(ADA, "g1");
        pass(Registrar.TURN_LIFE);
        end(ADA, given(ADA, "g2"), Optional.empty());
        assertThat(unsettled(take(ADA, "g3", 0))).isTrue();
        end(ADA, given(ADA, "g3"), Optional.of(N2));
        assertThat(unsettled(take(ADA, "g4", 0))).isFalse();
    }

    @Test
    void a_late_end_of_an_earlier_turn_changes_nothing() {
        Turn early = given(ADA, "g1");
        pass(Registrar.TURN_LIFE);
        given(ADA, "g2");
        end(ADA, early, Optional.of(N2));
        assertThat(take(ADA, "g3", 0)).isInstanceOf(TurnAnswer.Others.class);
    }

    @Test
    void a_late_copy_of_a_call_whose_turn_is_ended_gets_no_other_turn() {
        end(ADA, given(ADA, "g1"), Optional.empty());
        assertThat(take(ADA, "g1", 0)).isEqualTo(new TurnAnswer.Noted());
        assertThat(take(ADA, "g2", 0)).as("nobody has the turn").isInstanceOf(TurnAnswer.Yours.class);
        end(ADA, new Turn(2, N1, 7), Optional.empty());
        assertThat(take(ADA, "g1", 1)).as("who knows its last turn").isInstanceOf(TurnAnswer.Yours.class);
    }

    @Test
    void what_came_of_a_turn_is_forgotten_after_a_while() {
        end(ADA, given(ADA, "g1"), Optional.of(N2));
        pass(Registrar.REMEMBERED);
        assertThat(((TurnAnswer.Yours) take(ADA, "g2", 0)).holder()).isEmpty();
        assertThat(registrar.size()).isEqualTo(1);
    }

    @Test
    void outcomes_make_room_for_turns_and_turns_for_nothing() {
        end(ADA, given(ADA, "g"), Optional.of(N2));
        for (int i = 1; i < Registrar.KEYS_MOST; i++) given(Machines.key("u" + i), "g");
        given(Machines.key("one-more"), "g");
        assertThat(registrar.size()).isEqualTo(Registrar.KEYS_MOST);
        assertThat(take(Machines.key("too-much"), "g", 0)).isInstanceOf(TurnAnswer.Crowded.class);
        pass(Registrar.TURN_LIFE.plus(Registrar.REMEMBERED));
        assertThat(take(Machines.key("too-much"), "g", 0)).isInstanceOf(TurnAnswer.Yours.class);
    }

    private static boolean unsettled(TurnAnswer answer) {
        return ((TurnAnswer.Yours) answer).unsettled();
    }

    private static TurnAnswer yours(long number, Duration left) {
        return new TurnAnswer.Yours(new Turn(number, N1, 7), left, Optional.empty(), false);
    }

    private Turn given(SessionKey key, String asker) {
        return ((TurnAnswer.Yours) take(key, asker, 0)).turn();
    }

    private TurnAnswer take(SessionKey key, String asker, long after) {
        return on(new TurnCall.Take(key, asker, after));
    }

    private void end(SessionKey key, Turn turn, Optional<NodeName> at) {
        assertThat(on(new TurnCall.End(key, turn, at))).isEqualTo(new TurnAnswer.Noted());
    }

    private TurnAnswer on(TurnCall call) {
        Registrar.Step step = registrar.on(call, now);
        registrar = step.next();
        return step.answer();
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }
}
