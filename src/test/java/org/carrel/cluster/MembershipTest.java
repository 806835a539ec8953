package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.carrel.cluster.MemberProcess.Line;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Several JVMs on addresses of loopback, which find each other by a list.
@Tag("slow")
class MembershipTest {
    private static final int ROUNDS = Integer.getInteger("carrel.rounds", 1);

    @Test
    void nodes_with_a_list_of_doors_become_one_cluster_and_tell_of_themselves() throws Exception {
        try (Members members = new Members(Members.LOOPBACK, false)) {
            List<MemberProcess> three =
                    List.of(members.start(1, 1, 2, 3), members.start(2, 1, 2, 3), members.start(3, 1, 2, 3));
            Members.together(three, Members.PATIENCE);
        }
    }

    @Test
    void a_node_that_is_killed_is_known_to_be_gone_and_comes_back() throws Exception {
        List<Long> seconds = new ArrayList<>();
        try (Members members = new Members(Members.LOOPBACK, false)) {
            List<MemberProcess> three =
                    new ArrayList<>(List.of(members.start(1, 2, 3), members.start(2, 1, 3), members.start(3, 1, 2)));
            Members.together(three, Members.PATIENCE);
            for (int round = 0; round < ROUNDS; round++) {
                int victim = round % 3;
                String name = three.get(victim).name;
                TimeUnit.SECONDS.sleep(5); // heartbeats are learnt from
                long killed = System.currentTimeMillis();
                three.get(victim).kill();
                for (MemberProcess other : three)
                    if (other != three.get(victim)) {
                        Line line = other.await(killed, it -> !it.state(name).startsWith("up"), Members.PATIENCE);
                        other.await(killed, it -> it.state(name).equals("unreachable"), Members.PATIENCE);
                        seconds.add(line.millis() - killed);
                    }
                three.set(victim, members.start(victim + 1, (victim + 1) % 3 + 1, (victim + 2) % 3 + 1));
                Members.together(three, Members.PATIENCE);
            }
        }
        Collections.sort(seconds);
        System.out.printf(
                "kill -9 known after, ms: min %d, median %d, max %d of %d%n",
                seconds.getFirst(), seconds.get(seconds.size() / 2), seconds.getLast(), seconds.size());
        if (ROUNDS >= 6) {
            assertThat(seconds.get(seconds.size() / 2)).isLessThanOrEqualTo(6_000);
            assertThat(seconds.getLast()).isLessThanOrEqualTo(10_000);
        }
    }

    @Test
    void a_pause_of_three_seconds_makes_nobody_suspect_anybody() throws Exception {
        try (Members members = new Members(Members.LOOPBACK, false)) {
            List<MemberProcess> three = List.of(members.start(1, 2, 3), members.start(2, 1, 3), members.start(3, 1, 2));
            Members.together(three, Members.PATIENCE);
            for (int round = 0; round < ROUNDS; round++) {
                TimeUnit.SECONDS.sleep(5);
                long stopped = System.currentTimeMillis();
                three.getFirst().signal("STOP");
                TimeUnit.SECONDS.sleep(3); // the length of the pause is what is tried
                three.getFirst().signal("CONT");
                TimeUnit.SECONDS.sleep(6);
                for (MemberProcess member : three)
                    assertThat(member.lines().stream().filter(line -> line.millis() >= stopped))
                            .as(member.name)
                            .isEmpty();
            }
        }
    }

    @Test
    void of_two_nodes_the_first_dies_for_good_and_the_second_takes_in_a_third() throws Exception {
        try (Members members = new Members(Members.LOOPBACK, false)) {
            MemberProcess first = members.start(1);
            first.await(0, Line::isMember, Members.PATIENCE);
            MemberProcess second = members.start(2, 1);
            Members.together(List.of(first, second), Members.PATIENCE);
            first.kill();
            second.await(0, line -> line.state("n1").equals("unreachable"), Members.PATIENCE);

            MemberProcess third = members.start(3, 2);
            second.await(0, line -> line.state("n3").equals("up"), Members.PATIENCE);
            third.await(0, line -> line.isMember() && line.state("n2").equals("up"), Members.PATIENCE);
            assertThat(second.last().state("n1")).isEqualTo("unreachable");

            assertThat(second.forget("n3")).isEqualTo("Reachable");
            assertThat(second.forget("n1")).isEqualTo("Done");
            second.await(0, line -> line.state("n1").equals("absent"), Members.PATIENCE);
            third.await(0, line -> line.state("n1").equals("absent"), Members.PATIENCE);
        }
    }

    @Test
    void a_node_that_is_stopped_says_goodbye() throws Exception {
        try (Members members = new Members(Members.LOOPBACK, false)) {
            List<MemberProcess> two = List.of(members.start(1, 2), members.start(2, 1));
            Members.together(two, Members.PATIENCE);
            two.getFirst().stop();
            two.getLast().await(0, line -> line.state("n1").equals("absent"), Members.PATIENCE);
            assertThat(two.getLast().lines()).noneMatch(line -> line.state("n1").equals("unreachable"));
        }
    }
}
