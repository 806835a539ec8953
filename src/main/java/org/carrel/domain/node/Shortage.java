package org.carrel.domain.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Says what a node is short of, with numbers.
final class Shortage {
    private Shortage() {}

    /// @return a sentence; empty when there is room
    static Optional<String> of(NodeRules rules, Resources demand, NodeLoad load) {
        if (load.fits(demand)) return Optional.empty();
        Capacity capacity = load.capacity();
        Resources free = capacity.total().minus(load.committed());
        List<String> missing = new ArrayList<>();
        if (load.live() >= capacity.sessions())
            missing.add("all " + capacity.sessions() + " places for sessions are taken");
        if (demand.memoryBytes() > free.memoryBytes())
            missing.add(memory(demand.memoryBytes()) + " of memory is needed and " + memory(free.memoryBytes()) + " of "
                    + memory(capacity.total().memoryBytes()) + " is free");
        if (demand.cpuMillis() > free.cpuMillis())
            missing.add(cores(demand.cpuMillis()) + " is needed and " + cores(free.cpuMillis()) + " of "
                    + cores(capacity.total().cpuMillis()) + " is free");
        return Optional.of(rules.node() + " is full: " + String.join("; ", missing)
                + ". Stop a session that is no longer needed, or try again later");
    }

    /// @return why the demand would not fit into the empty node either, with the next step
    static Optional<String> forEver(NodeRules rules, Resources demand) {
        Capacity capacity = rules.capacity();
        if (capacity.sessions() == 0)
            return Optional.of(rules.node() + " takes no sessions at all; raise node.capacity.sessions");
        if (demand.fitsIn(capacity.total())) return Optional.empty();
        return Optional.of("a session needs " + shown(demand) + " and " + rules.node() + " gives all its sessions "
                + "together " + shown(capacity.total())
                + "; lower the demand of the app or raise node.capacity");
    }

    private static String shown(Resources resources) {
        return memory(resources.memoryBytes()) + " of memory and " + cores(resources.cpuMillis());
    }

    private static String memory(long bytes) {
        return bytes < 1L << 30
                ? String.format(Locale.ROOT, "%d MiB", bytes >> 20)
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }

    private static String cores(int millis) {
        return String.format(Locale.ROOT, millis % 1000 == 0 ? "%.0f" : "%.2f", millis / 1000.0)
                + (millis == 1000 ? " core" : " cores");
    }
}
