package org.carrel.domain.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Rendezvous.Entrant;
import org.junit.jupiter.api.Test;

class RendezvousTest {
    private static final int KEYS = 20_000;

    @Test
    void the_hash_is_the_same_for_ever() {
        assertThat(StableHash.of(List.of())).isEqualTo(0xf52a15e9a9b5e89bL);
        assertThat(StableHash.of(List.of("ada", "desk", "default"))).isEqualTo(8428657765790732979L);
    }

    @Test
    void texts_that_join_alike_hash_differently() {
        assertThat(StableHash.of(List.of("ab", "c"))).isNotEqualTo(StableHash.of(List.of("a", "bc")));
        assertThat(StableHash.of(List.of("ab", ""))).isNotEqualTo(StableHash.of(List.of("ab")));
    }

    @Test
    void the_logarithm_in_whole_numbers_is_the_logarithm() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            long hash = random.nextLong() >>> random.nextInt(40);
            double u = ((hash >>> 1) * 2.0 + (hash & 1)) / 0x1p64;
            assertThat(Rendezvous.minusLog2(hash) / 0x1p30)
                    .as("of %x", hash)
                    .isCloseTo(-Math.log(u) / Math.log(2), within(1e-6));
        }
    }

    @Test
    void a_node_of_twice_the_weight_comes_first_twice_as_often() {
        Map<NodeName, Integer> firsts = new HashMap<>();
        for (int i = 0; i < KEYS; i++) firsts.merge(order(i, nodes(4, 8, 16)).getFirst(), 1, Integer::sum);
        for (int i = 0; i < 3; i++)
            assertThat(firsts.get(name(i)) / (double) KEYS).isCloseTo((4 << i) / 28.0, within(0.015));
    }

    @Test
    void a_node_that_goes_moves_only_its_own_keys_and_keeps_the_order_of_the_others() {
        List<Entrant> all = nodes(4, 8, 16, 8, 4);
        for (int i = 0; i < 2_000; i++) {
            List<NodeName> before = new ArrayList<>(order(i, all));
            before.remove(name(2));
            List<Entrant> rest = new ArrayList<>(all);
            rest.remove(2);
            assertThat(order(i, rest)).isEqualTo(before);
        }
    }

    @Test
    void the_order_in_which_nodes_are_named_does_not_matter() {
        for (int i = 0; i < 200; i++)
            assertThat(order(i, nodes(4, 8, 16).reversed())).isEqualTo(order(i, nodes(4, 8, 16)));
    }

    @Test
    void weights_as_large_as_machines_get_stay_in_order() {
        Entrant huge = new Entrant(name(0), Long.MAX_VALUE);
        Entrant small = new Entrant(name(1), 1);
        int firsts = 0;
        for (int i = 0; i < 1_000; i++)
            if (order(i, List.of(huge, small)).getFirst().equals(name(0))) firsts++;
        assertThat(firsts).isGreaterThanOrEqualTo(999);
    }

    private static List<NodeName> order(int key, List<Entrant> entrants) {
        return Rendezvous.order(List.of("k" + key), entrants);
    }

    private static List<Entrant> nodes(int... weights) {
        List<Entrant> entrants = new ArrayList<>();
        for (int weight : weights) entrants.add(new Entrant(name(entrants.size()), weight));
        return entrants;
    }

    private static NodeName name(int number) {
        return new NodeName("n" + number);
    }
}
