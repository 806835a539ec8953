package org.carrel.domain.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.api.Test;

class CopiesTest {
    private static final Wish WISH =
            Wish.of(new SessionKey(UserId.ofService("desk"), Machines.DESK, SessionKey.DEFAULT_NAME), Machines.DEMAND);
    private final Roster roster = Machines.roster(loaded("n1", 5), loaded("n2", 1), loaded("n3", 3), loaded("n4", 8));

    @Test
    void the_least_busy_that_have_room_come_first() {
        Copies copies = Copies.of(roster, WISH, Set.of(), 2);
        assertThat(copies.missing()).isEqualTo(2);
        assertThat(copies.candidates()).containsExactly(node("n2"), node("n3"), node("n1"));
        assertThat(copies.surplus()).isEmpty();
    }

    @Test
    void where_it_runs_already_it_is_not_started_again() {
        Copies copies = Copies.of(roster, WISH, Set.of(node("n2")), 2);
        assertThat(copies.missing()).isEqualTo(1);
        assertThat(copies.candidates()).containsExactly(node("n3"), node("n1"));
        assertThat(Copies.of(roster, WISH, Set.of(node("n2"), node("n3")), 2).missing())
                .isZero();
    }

    @Test
    void too_many_end_on_the_busiest_and_none_is_left_of_zero() {
        Set<NodeName> running = Set.of(node("n1"), node("n2"), node("n4"));
        assertThat(Copies.of(roster, WISH, running, 1).surplus()).containsExactly(node("n4"), node("n1"));
        assertThat(Copies.of(roster, WISH, running, 0).surplus()).containsExactlyInAnyOrderElementsOf(running);
        assertThat(Copies.of(roster, WISH, Set.of(node("gone")), 0).surplus()).containsExactly(node("gone"));
    }

    @Test
    void those_that_are_drained_silent_without_the_app_or_its_labels_are_no_candidates_and_it_is_said_why() {
        Roster hindered = Machines.roster(
                Machines.draining(Machines.member("n1", 8)),
                Machines.reach(Machines.member("n2", 8), Member.Reach.SUSPECT),
                Machines.apps(Machines.member("n3", 8), Set.of()),
                Machines.labels(Machines.member("n4", 8), Map.of("gpu", "yes")));
        Wish gpu = WISH.needing(Map.of("gpu", "yes"));
        assertThat(Copies.of(hindered, gpu, Set.of(), 4).candidates()).containsExactly(node("n4"));
        assertThat(Copies.hindrances(hindered, gpu, Set.of()))
                .containsExactly("n1 is being drained", "n2 does not answer", "n3 does not have desk");
        assertThat(Copies.hindrances(Machines.roster(loaded("n4", 8)), WISH, Set.of()))
                .containsExactly("n4 has no room");
    }

    @Test
    void equals_have_one_order_for_everybody() {
        Member[] same = {Machines.member("n1", 8), Machines.member("n2", 8), Machines.member("n3", 8)};
        Member[] turned = {same[2], same[0], same[1]};
        assertThat(Copies.of(Machines.roster(same), WISH, Set.of(), 3))
                .isEqualTo(Copies.of(Machines.roster(turned), WISH, Set.of(), 3));
    }

    @Test
    void the_number_has_bounds() {
        for (int wrong : new int[] {-1, 1001})
            assertThatThrownBy(() -> Copies.of(roster, WISH, Set.of(), wrong))
                    .isInstanceOf(IllegalArgumentException.class);
    }

    /// of 8 GiB, so many taken
    private static Member loaded(String name, int gib) {
        Member empty = Machines.member(name, 8);
        return new Member(
                empty.name(),
                empty.reach(),
                empty.since(),
                false,
                empty.apps(),
                Map.of(),
                Machines.load(8, gib),
                Optional.of(Set.of()));
    }

    private static NodeName node(String name) {
        return new NodeName(name);
    }
}
