package org.carrel.domain.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Strategy.Offer;
import org.junit.jupiter.api.Test;

class StrategyTest {
    private static final Offer SMALL = offer("small", Machines.load(4, 2));
    private static final Offer LARGE = offer("large", Machines.load(16, 6));
    private static final Offer NEARLY_FULL = offer("nearly", Machines.load(16, 14));

    @Test
    void spread_takes_the_least_filled_counted_with_the_new_one() {
        assertThat(ranked(Strategy.SPREAD, SMALL, LARGE, NEARLY_FULL)).containsExactly("large", "small", "nearly");
    }

    @Test
    void fewest_sessions_counts_sessions_whatever_the_machine() {
        assertThat(ranked(Strategy.FEWEST_SESSIONS, LARGE, NEARLY_FULL, SMALL))
                .containsExactly("small", "large", "nearly");
    }

    @Test
    void pack_takes_the_fullest_below_the_high_water_mark() {
        assertThat(ranked(Strategy.PACK, LARGE, NEARLY_FULL, SMALL)).containsExactly("small", "large", "nearly");
    }

    @Test
    void pack_spreads_while_anything_is_being_started() {
        NodeLoad busy = new NodeLoad(
                LARGE.load().capacity(), LARGE.load().committed(), LARGE.load().live(), 1, 0);
        assertThat(ranked(Strategy.PACK, SMALL, offer("large", busy))).containsExactly("large", "small");
    }

    @Test
    void between_equals_the_order_of_the_key_decides() {
        Offer twin = offer("twin", SMALL.load());
        assertThat(ranked(Strategy.SPREAD, SMALL, twin)).containsExactly("small", "twin");
        assertThat(ranked(Strategy.SPREAD, twin, SMALL)).containsExactly("twin", "small");
    }

    @Test
    void the_scarcest_of_places_memory_and_cores_counts() {
        NodeLoad fewPlaces = new NodeLoad(
                new Capacity(new Resources(64_000, 64 * Machines.GIB), 4, 1),
                new Resources(1_000, 2 * Machines.GIB),
                2,
                0,
                0);
        assertThat(fewPlaces.fillWith(Machines.DEMAND)).isEqualTo(750_000);
    }

    @Test
    void nothing_overflows_on_the_largest_machine_there_may_be() {
        NodeLoad huge = new NodeLoad(
                new Capacity(new Resources(Integer.MAX_VALUE, Long.MAX_VALUE), Integer.MAX_VALUE, 1),
                new Resources(1, Long.MAX_VALUE / 2),
                1,
                0,
                0);
        assertThat(huge.fillWith(new Resources(1, 0))).isBetween(499_000L, 501_000L);
    }

    private static List<String> ranked(Strategy strategy, Offer... offers) {
        return strategy.ranked(List.of(offers), Machines.DEMAND).stream()
                .map(Offer::node)
                .map(NodeName::value)
                .toList();
    }

    private static Offer offer(String name, NodeLoad load) {
        return new Offer(new NodeName(name), load);
    }
}
