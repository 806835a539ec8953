package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A network that falls into two halves and heals. Nobody is taken off anybody's list meanwhile, and
/// nothing restarts.
@Tag("slow")
@Needs(Needs.Thing.NAMESPACES)
class PartitionTest {
    /// seconds; what is promised is 60
    private static final int CUT = Integer.getInteger("carrel.cut", 15);

    @Test
    void two_halves_are_one_cluster_again_when_the_cable_is_back() throws Exception {
        try (Lan lan = new Lan(2, 3);
                Members members = new Members(lan, true)) {
            List<MemberProcess> left = new ArrayList<>();
            List<MemberProcess> right = new ArrayList<>();
            for (int number = 1; number <= 5; number++) (number <= 2 ? left : right).add(members.start(number));
            List<MemberProcess> all = new ArrayList<>(left);
            all.addAll(right);
            String island = Members.together(all, 120);

            long cut = System.currentTimeMillis();
            lan.cut();
            for (MemberProcess member : left)
                member.await(cut, line -> line.count("unreachable") == 3 && line.count("up") == 1, 60);
            for (MemberProcess member : right)
                member.await(cut, line -> line.count("unreachable") == 2 && line.count("up") == 2, 60);
            TimeUnit.MILLISECONDS.sleep(Math.max(0, cut + CUT * 1000L - System.currentTimeMillis()));
            lan.heal();
            long healed = System.currentTimeMillis();
            assertThat(Members.together(all, 90)).isEqualTo(island);
            System.out.printf(
                    "cut for %d s; one cluster again after %d ms%n",
                    (healed - cut) / 1000, System.currentTimeMillis() - healed);
            for (MemberProcess member : all)
                assertThat(member.lines().stream().filter(line -> line.millis() >= cut))
                        .as(member.name)
                        .allMatch(line -> line.isMember() && line.island().equals(island));
        }
    }

    @Test
    void two_halves_that_were_switched_on_apart_become_one_cluster_when_they_are_joined() throws Exception {
        try (Lan lan = new Lan(2, 3);
                Members members = new Members(lan, true)) {
            lan.cut();
            List<MemberProcess> all = new ArrayList<>();
            for (int number = 1; number <= 5; number++) all.add(members.start(number));
            Members.together(all.subList(0, 2), 90);
            String larger = Members.together(all.subList(2, 5), 90);
            lan.heal();
            long healed = System.currentTimeMillis();
            assertThat(Members.together(all, 120)).isEqualTo(larger);
            System.out.printf("islands of 2 and 3 merged after %d ms%n", System.currentTimeMillis() - healed);
        }
    }
}
