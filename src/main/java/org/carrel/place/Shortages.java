package org.carrel.place;

import java.util.List;
import java.util.stream.Collectors;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Roster;
import org.carrel.domain.place.Wish;

/// Why there is no room, in words.
final class Shortages {
    private static final int NAMED_MOST = 3;

    private Shortages() {}

    /// What is missing, and how much there is.
    static String of(Roster roster, Wish wish) {
        List<NodeName> candidates = roster.candidates(wish);
        String loads = candidates.stream()
                .limit(NAMED_MOST)
                .flatMap(node -> roster.member(node).stream())
                .map(member -> member.name() + " " + shortage(member.load(), wish.demand()))
                .collect(Collectors.joining("; "));
        String more =
                candidates.size() > NAMED_MOST ? "; and " + (candidates.size() - NAMED_MOST) + " others are full" : "";
        return "there is no room just now: " + loads + more + "; stop a session or try again later";
    }

    private static String shortage(NodeLoad load, Resources demand) {
        int places = load.capacity().sessions();
        if (load.live() >= places) return "has all " + places + " places taken";
        Resources free = load.capacity().total().minus(load.committed());
        if (demand.memoryBytes() > free.memoryBytes())
            return "has " + (free.memoryBytes() >> 20) + " MiB of memory left, and " + (demand.memoryBytes() >> 20)
                    + " MiB are asked for";
        if (demand.cpuMillis() > free.cpuMillis())
            return "has " + free.cpuMillis() / 1000.0 + " cores left, and " + demand.cpuMillis() / 1000.0
                    + " are asked for";
        return "was full a moment ago";
    }
}
