package org.carrel.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateTest {
    private final Gate gate = new Gate(2);
    private final List<String> admitted = new ArrayList<>();

    private Gate.Pass pass(String name) {
        return gate.pass(() -> admitted.add(name));
    }

    @Test
    void so_many_are_in_and_the_others_follow_in_their_order() {
        Gate.Pass one = pass("one");
        Gate.Pass two = pass("two");
        Gate.Pass three = pass("three");
        Gate.Pass four = pass("four");
        assertThat(one.ask()).isTrue();
        assertThat(two.ask()).isTrue();
        assertThat(three.ask()).isFalse();
        assertThat(four.ask()).isFalse();
        assertThat(three.ask()).as("asked again").isFalse();
        two.giveBack();
        assertThat(admitted).containsExactly("three");
        assertThat(three.ask()).isTrue();
        assertThat(four.isWaiting()).isTrue();
        one.giveBack();
        one.giveBack();
        assertThat(admitted).containsExactly("three", "four");
    }

    @Test
    void who_goes_while_waiting_keeps_nobody_out() {
        Gate.Pass one = pass("one");
        Gate.Pass two = pass("two");
        Gate.Pass gone = pass("gone");
        Gate.Pass last = pass("last");
        one.ask();
        two.ask();
        gone.ask();
        last.ask();
        gone.giveBack();
        one.giveBack();
        assertThat(admitted).containsExactly("last");
        two.giveBack();
        last.giveBack();
        assertThat(pass("new").ask()).isTrue();
        assertThat(pass("newer").ask()).isTrue();
        assertThat(pass("third").ask()).isFalse();
    }

    @Test
    void half_as_many_when_answers_did_not_come_and_more_again_when_they_do() {
        Gate wide = new Gate(8);
        List<Gate.Pass> inside = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            inside.add(wide.pass(() -> {}));
            assertThat(inside.get(i).ask()).isTrue();
        }
        wide.tooFast();
        wide.tooFast();
        assertThat(wide.limit()).as("both of the same time").isEqualTo(4);
        Gate.Pass next = wide.pass(() -> admitted.add("next"));
        assertThat(next.ask()).isFalse();
        for (int i = 0; i < 4; i++) inside.get(i).giveBack();
        assertThat(admitted).as("four are inside yet").isEmpty();
        inside.get(4).giveBack();
        assertThat(admitted).containsExactly("next");
        for (int i = 5; i < 8; i++) inside.get(i).giveBack();
        for (int i = 0; i < 9; i++) wide.tooFast();
        assertThat(wide.limit()).as("those inside began before").isEqualTo(2);
        next.giveBack();
        for (int i = 0; i < 9; i++) wide.tooFast();
        assertThat(wide.limit()).as("never nobody").isEqualTo(1);
        for (int i = 0; i < 100; i++) wide.wellPaced();
        assertThat(wide.limit()).as("never more than at first").isEqualTo(8);
    }

    @Test
    void all_who_fit_are_let_in_when_it_has_become_wider() {
        gate.tooFast();
        Gate.Pass one = pass("one");
        one.ask();
        for (String name : List.of("two", "three", "four")) pass(name).ask();
        for (int i = 0; i < 9; i++) gate.wellPaced();
        one.giveBack();
        assertThat(admitted).containsExactly("two", "three");
    }
}
