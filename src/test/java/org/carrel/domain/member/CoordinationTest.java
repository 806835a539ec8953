package org.carrel.domain.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.member.Knowledge.Asked;
import org.carrel.domain.member.Knowledge.Heard;
import org.carrel.domain.member.Plan.Move;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.junit.jupiter.api.Test;

class CoordinationTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Map<Candidate, Asked> candidates = new HashMap<>();
    private final Map<String, Heard> heard = new HashMap<>();
    private Claim self = claim(2, Optional.empty());
    private Duration looking = LONG;
    private Duration quiet = LONG;
    private Duration standing = NOW;
    private boolean echoAwaited;
    private Optional<String> remembered = Optional.empty();

    @Test
    void who_finds_nobody_founds() {
        assertThat(move()).isEqualTo(new Move.Found());
    }

    @Test
    void nobody_founds_before_its_own_announcement_came_back() {
        echoAwaited = true;
        looking = Duration.ofSeconds(14);
        assertThat(move()).isInstanceOf(Move.Wait.class);
    }

    @Test
    void where_multicast_does_not_work_nobody_waits_for_it_for_ever() {
        echoAwaited = true;
        looking = Duration.ofSeconds(15);
        assertThat(move()).isEqualTo(new Move.Found());
    }

    @Test
    void nobody_founds_while_candidates_come_up() {
        quiet = Duration.ofSeconds(2);
        assertThat(move()).isEqualTo(new Move.Wait("more candidates"));
    }

    @Test
    void nobody_founds_before_all_candidates_were_asked() {
        candidates.put(door(1), Asked.NEVER);
        assertThat(move()).isEqualTo(new Move.Wait("an answer of n1:7443"));
        candidates.put(door(1), new Asked(false, 0, Optional.of(NOW), true));
        assertThat(move()).isEqualTo(new Move.Wait("an answer of n1:7443"));
    }

    @Test
    void a_candidate_that_is_silent_holds_nobody_up() {
        candidates.put(door(1), silent(false, 1));
        assertThat(move()).isEqualTo(new Move.Found());
    }

    @Test
    void one_it_was_with_before_has_more_time_to_answer() {
        candidates.put(door(1), silent(true, 3));
        looking = Duration.ofSeconds(7);
        assertThat(move()).isEqualTo(new Move.Wait("an answer of n1:7443"));
        looking = Duration.ofSeconds(8);
        assertThat(move()).isEqualTo(new Move.Found());
    }

    @Test
    void of_those_that_look_only_the_first_founds() {
        hear(claim(3, Optional.empty()), NOW);
        assertThat(move()).isEqualTo(new Move.Found());
        hear(claim(1, Optional.empty()), NOW);
        assertThat(move()).isEqualTo(new Move.Wait("n1:7444 to begin the cluster"));
    }

    @Test
    void what_was_said_long_ago_counts_no_more() {
        hear(claim(1, Optional.empty()), Duration.ofSeconds(6));
        hear(claim(3, Optional.of(island("a", 9, 3))), Duration.ofSeconds(6));
        assertThat(move()).isEqualTo(new Move.Found());
    }

    @Test
    void a_member_that_answers_is_joined_at_once() {
        echoAwaited = true;
        quiet = NOW;
        Island island = island("a", 1, 3);
        hear(claim(3, Optional.of(island)), NOW);
        assertThat(move()).isEqualTo(new Move.Join("n3:7444", island));
    }

    @Test
    void of_two_islands_that_from_before_is_joined_else_the_larger() {
        Island small = island("a", 1, 1);
        Island large = island("b", 2, 3, 4);
        hear(claim(1, Optional.of(small)), NOW);
        hear(claim(3, Optional.of(large)), NOW);
        assertThat(move()).isEqualTo(new Move.Join("n3:7444", large));
        remembered = Optional.of("a");
        assertThat(move()).isEqualTo(new Move.Join("n1:7444", small));
    }

    @Test
    void a_node_of_another_cluster_is_nobody() {
        Claim foreign = new Claim(
                new NodeId("000000000000000f"),
                new NodeName("nf"),
                "other",
                "n0:7444",
                "1",
                door(9),
                Optional.of(island("a", 9, 9)));
        hear(foreign, NOW);
        assertThat(move()).isEqualTo(new Move.Found());
    }

    @Test
    void the_smaller_island_merges_into_the_larger() {
        Island large = island("b", 2, 3, 4);
        self = claim(2, Optional.of(island("a", 1, 2)));
        hear(claim(3, Optional.of(large)), NOW);
        assertThat(move()).isEqualTo(new Move.Merge("n3:7444", large));
    }

    @Test
    void who_was_taken_off_the_list_restarts_and_joins_those_who_go_on_without_it() {
        Island without = island("a", 1, 1);
        standing = LONG;
        self = claim(2, Optional.of(island("a", 1, 1, 2)));
        hear(claim(1, Optional.of(without)), NOW);
        assertThat(move()).isEqualTo(new Move.Merge("n1:7444", without));
        looking = Duration.ofSeconds(9);
        assertThat(move()).as("it may be too new to be known to all").isEqualTo(new Move.Stay());
        looking = LONG;
        standing = Duration.ofSeconds(9);
        hear(claim(1, Optional.of(without)), NOW);
        assertThat(move()).as("they may not have heard of it yet").isEqualTo(new Move.Stay());
    }

    @Test
    void the_many_do_not_follow_one_who_took_them_all_off_its_list() {
        standing = LONG;
        self = claim(2, Optional.of(island("a", 3, 1, 2, 3)));
        hear(claim(1, Optional.of(island("a", 1, 1))), NOW);
        assertThat(move()).isEqualTo(new Move.Stay());
    }

    @Test
    void who_is_on_the_list_stays_however_few_it_can_reach() {
        standing = LONG;
        self = claim(2, Optional.of(island("a", 1, 1, 2, 3)));
        hear(claim(1, Optional.of(island("a", 2, 1, 2, 3))), NOW);
        assertThat(move()).isEqualTo(new Move.Stay());
    }

    @Test
    void the_larger_island_stays() {
        self = claim(2, Optional.of(island("a", 2, 1, 2)));
        hear(claim(3, Optional.of(island("b", 1, 3))), NOW);
        assertThat(move()).isEqualTo(new Move.Stay());
    }

    @Test
    void of_equal_islands_that_with_the_first_oldest_stays() {
        self = claim(2, Optional.of(island("a", 1, 2)));
        hear(claim(3, Optional.of(island("b", 1, 3))), NOW);
        assertThat(move()).isEqualTo(new Move.Stay());
        hear(claim(1, Optional.of(island("c", 1, 1))), NOW);
        assertThat(move()).isInstanceOf(Move.Merge.class);
    }

    @Test
    void the_same_island_seen_from_another_side_is_no_other() {
        self = claim(2, Optional.of(island("a", 2, 2, 3)));
        hear(claim(5, Optional.of(island("a", 3, 3, 4, 5))), NOW);
        assertThat(move()).isEqualTo(new Move.Stay());
    }

    @Test
    void an_island_that_counts_this_node_as_its_own_is_no_other() {
        self = claim(2, Optional.of(island("a", 1, 2)));
        Island theirs = new Island("b", 5, "n1:7444#1", Set.of("n1:7444#1", self.self()));
        hear(claim(1, Optional.of(theirs)), NOW);
        assertThat(move()).isEqualTo(new Move.Stay());
    }

    @Test
    void no_more_than_sixteen_are_asked_at_once_those_never_asked_first() {
        for (int i = 10; i < 40; i++) candidates.put(door(i), Asked.NEVER);
        candidates.put(door(1), silent(false, 1));
        for (int i = 2; i < 6; i++) candidates.put(door(i), new Asked(false, 0, Optional.of(NOW), true));
        assertThat(Coordination.decide(known()).ask())
                .hasSize(Coordination.ASKED_AT_ONCE - 4)
                .doesNotContain(door(1));
    }

    @Test
    void who_never_answers_is_asked_ever_more_seldom() {
        candidates.put(door(1), silent(false, 20));
        assertThat(Coordination.decide(known()).ask()).isEmpty();
        candidates.put(door(1), new Asked(false, 20, Optional.of(Duration.ofSeconds(60)), false));
        assertThat(Coordination.decide(known()).ask()).containsExactly(door(1));
    }

    private Move move() {
        return Coordination.decide(known()).move();
    }

    private Knowledge known() {
        return new Knowledge(self, looking, echoAwaited, quiet, remembered, candidates, heard);
    }

    private void hear(Claim claim, Duration age) {
        heard.put(claim.address(), new Heard(claim, age, standing));
    }

    private static Asked silent(boolean known, int silences) {
        return new Asked(known, silences, Optional.of(Duration.ofMillis(500)), false);
    }

    static Candidate door(int node) {
        return new Candidate("n" + node, 7443);
    }

    static Claim claim(int node, Optional<Island> island) {
        return new Claim(
                new NodeId("%016x".formatted(node)),
                new NodeName("n" + node),
                "lab",
                "n" + node + ":7444",
                "1",
                door(node),
                island);
    }

    static Island island(String id, int reachable, int... members) {
        Set<String> all = new java.util.HashSet<>();
        for (int member : members) all.add("n" + member + ":7444#1");
        return new Island(id, reachable, "n" + members[0] + ":7444#1", all);
    }
}
