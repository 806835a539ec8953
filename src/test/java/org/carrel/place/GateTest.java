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
}
