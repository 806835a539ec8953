package org.carrel.domain.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.junit.jupiter.api.Test;

class RosterTest {
    private static final Wish WISH = Wish.of(Machines.key("ada"), Machines.DEMAND);
    private final Member n1 = Machines.member("n1", 8);
    private final Member n2 = Machines.member("n2", 8);
    private final Member n3 = Machines.member("n3", 8);

    @Test
    void nodes_that_are_away_drained_without_the_app_or_its_labels_or_too_small_are_no_candidates() {
        Member other = Machines.member("n2", 8);
        assertEligible(n1, other, WISH);
        assertEligible(n1, Machines.reach(other, Member.Reach.SUSPECT), WISH, "does not answer");
        assertEligible(n1, Machines.reach(other, Member.Reach.UNREACHABLE), WISH, "does not answer");
        assertEligible(n1, Machines.draining(other), WISH, "is being drained");
        assertEligible(n1, Machines.apps(other, Set.of(new AppId("hello"))), WISH, "does not have desk");
        Wish gpu = WISH.needing(Map.of("gpu", "yes"));
        Member with = Machines.labels(n1, Map.of("gpu", "yes", "disk", "fast"));
        assertEligible(with, Machines.labels(other, Map.of("gpu", "no")), gpu, "is not gpu=yes");
        assertEligible(n1, Machines.member("n2", 0), WISH, "is too small for it even when empty");
    }

    @Test
    void a_full_node_stays_a_candidate_because_only_it_knows_whether_it_is() {
        Member full = new Member(
                Machines.name("n2"),
                Member.Reach.UP,
                Machines.LONG_AGO,
                false,
                Set.of(Machines.DESK),
                Map.of(),
                Machines.load(8, 8),
                Optional.of(Set.of()));
        assertEligible(n1, full, WISH);
    }

    @Test
    void a_mere_gateway_is_not_asked_for_sessions_unless_it_has_some_or_was_never_heard() {
        Member gateway = Machines.gateway("n2");
        assertThat(Machines.roster(n1, gateway).possibleHolders(WISH)).containsExactly(n1.name());
        Member gone = Machines.reach(gateway, Member.Reach.UNREACHABLE);
        assertThat(Machines.roster(n1, gone).possibleHolders(WISH)).containsExactly(n1.name());
        assertThat(Machines.roster(n1, Machines.holding(gateway, Machines.key("ben")))
                        .possibleHolders(WISH))
                .as("it was an agent and leads its last session to its end")
                .contains(gateway.name());
        assertThat(Machines.roster(n1, Machines.unheard("n2")).possibleHolders(WISH))
                .contains(gateway.name());
    }

    @Test
    void a_machine_the_user_chose_is_the_only_candidate() {
        assertThat(Machines.roster(n1, n2, n3).candidates(WISH.on(n2.name()))).containsExactly(n2.name());
    }

    @Test
    void with_local_homes_the_home_is_the_only_candidate_and_no_other_stands_in() {
        Wish home = WISH.with(new Home.Local(Optional.of(n2.name())));
        assertThat(Machines.roster(n1, n2, n3).candidates(home)).containsExactly(n2.name());
        assertThat(Machines.roster(n1, Machines.reach(n2, Member.Reach.UNREACHABLE), n3)
                        .candidates(home))
                .isEmpty();
    }

    @Test
    void the_first_home_of_a_user_is_the_same_for_all_apps_and_asks() {
        Roster roster = Machines.roster(n1, n2, n3);
        Wish first = WISH.with(new Home.Local(Optional.empty()));
        assertThat(roster.newHome(first)).isPresent().isEqualTo(roster.newHome(WISH));
    }

    @Test
    void the_registrar_stays_when_nodes_drain_fill_or_lose_the_app() {
        for (int i = 0; i < 200; i++) {
            Wish wish = Wish.of(Machines.key("u" + i), Machines.DEMAND);
            Optional<NodeName> before = Machines.roster(n1, n2, n3).registrar(wish.key(), Machines.NOW);
            Roster after = Machines.roster(Machines.draining(n1), Machines.apps(n2, Set.of()), n3);
            assertThat(after.registrar(wish.key(), Machines.NOW)).isEqualTo(before);
        }
    }

    @Test
    void a_new_member_is_registrar_only_after_five_seconds() {
        Member young = Machines.since(n3, Machines.NOW.minus(Duration.ofMillis(4_999)));
        Roster roster = Machines.roster(n1, n2, young);
        assertThat(registrars(roster, Duration.ZERO)).containsExactlyInAnyOrder(n1.name(), n2.name());
        assertThat(registrars(roster, Duration.ofMillis(1))).contains(n3.name());
    }

    @Test
    void when_all_members_are_new_one_of_them_is_registrar_all_the_same() {
        Roster founded = Machines.roster(Machines.since(n1, Machines.NOW), Machines.since(n2, Machines.NOW));
        assertThat(founded.registrar(WISH.key(), Machines.NOW)).isPresent();
    }

    @Test
    void a_registrar_out_of_reach_is_passed_over() {
        Roster roster = Machines.roster(n1, n2, Machines.reach(n3, Member.Reach.SUSPECT));
        assertThat(registrars(roster, Duration.ZERO)).containsExactlyInAnyOrder(n1.name(), n2.name());
    }

    @Test
    void up_to_fifty_nodes_are_all_asked_whether_they_hold_the_key_and_of_more_the_likely_ones() {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < 50; i++) members.add(Machines.member("n" + i, 8));
        assertThat(new Roster(members).possibleHolders(WISH)).hasSize(50);
        members.add(Machines.holding(Machines.reach(Machines.member("away", 8), Member.Reach.UNREACHABLE), WISH.key()));
        Roster large = new Roster(members);
        assertThat(large.possibleHolders(WISH))
                .containsExactlyInAnyOrderElementsOf(List.of(
                        large.candidates(WISH).get(0),
                        large.candidates(WISH).get(1),
                        large.candidates(WISH).get(2),
                        Machines.name("away")));
    }

    @Test
    void when_nobody_is_eligible_the_reasons_are_named() {
        assertThat(Eligibility.whyNone(Machines.roster(Machines.draining(n1), Machines.apps(n2, Set.of())), WISH))
                .isEqualTo("no machine can take desk now: n1 is being drained, n2 does not have desk; "
                        + "look at the machines, or try again later");
    }

    private static void assertEligible(Member first, Member second, Wish wish) {
        assertThat(Machines.roster(first, second).candidates(wish))
                .containsExactlyInAnyOrder(first.name(), second.name());
    }

    private static void assertEligible(Member first, Member not, Wish wish, String why) {
        assertThat(Machines.roster(first, not).candidates(wish)).containsExactly(first.name());
        assertThat(Eligibility.of(not, wish)).contains(why);
    }

    private static Set<NodeName> registrars(Roster roster, Duration later) {
        Set<NodeName> found = new java.util.HashSet<>();
        for (int i = 0; i < 200; i++)
            found.add(roster.registrar(Machines.key("u" + i), Machines.NOW.plus(later))
                    .orElseThrow());
        return found;
    }
}
