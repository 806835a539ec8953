package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Machines on a bridge that are switched on at the same moment and know nothing of each other: multicast
/// only.
@Tag("slow")
@Needs(Needs.Thing.NAMESPACES)
class ColdStartTest {
    private static final int ROUNDS = Integer.getInteger("carrel.rounds", 1);

    @Test
    void three_that_start_at_once_become_one_cluster() throws Exception {
        try (Lan lan = new Lan(3, 0)) {
            for (int round = 1; round <= ROUNDS; round++)
                try (Members members = new Members(lan, true)) {
                    long began = System.nanoTime();
                    List<MemberProcess> three = List.of(members.start(1), members.start(2), members.start(3));
                    Members.together(three, 60);
                    Set<String> islands = new HashSet<>();
                    for (MemberProcess member : three)
                        member.lines().stream()
                                .filter(MemberProcess.Line::isMember)
                                .forEach(line -> islands.add(line.island()));
                    System.out.printf(
                            "cold start %d of %d: one cluster after %.1f s, islands on the way: %d%n",
                            round,
                            ROUNDS,
                            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) / 1000.0,
                            islands.size());
                }
        }
    }

    @Test
    void a_fourth_joins_by_being_switched_on() throws Exception {
        try (Lan lan = new Lan(2, 0);
                Members members = new Members(lan, true)) {
            MemberProcess first = members.start(1);
            first.await(0, MemberProcess.Line::isMember, 60);
            MemberProcess second = members.start(2);
            String island = Members.together(List.of(first, second), 60);
            assertThat(first.lines().stream().filter(MemberProcess.Line::isMember))
                    .allMatch(line -> line.island().equals(island));
        }
    }
}
