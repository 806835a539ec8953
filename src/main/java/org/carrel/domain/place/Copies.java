package org.carrel.domain.place;

import static org.carrel.domain.Require.require;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;

/// How a service gets from the copies it has to the copies it is to have, at most one on a node.
/// @param missing    copies that are to be started
/// @param candidates where, in this order: those that may and have room, the least busy first; more than are missing,
/// for
///                   where a start fails
/// @param surplus    where copies are to be ended: on the busiest of those that run one
public record Copies(int missing, List<NodeName> candidates, List<NodeName> surplus) {
    public static final int MOST = 1000;

    public Copies {
        candidates = List.copyOf(candidates);
        surplus = List.copyOf(surplus);
    }

    /// Every side that knows the same gets the same.
    /// @param wish    what a node must have and be
    /// @param running nodes that are to run a copy already, as they said; those that don't answer aren't among them
    /// @param wanted  0 to 1000
    public static Copies of(Roster roster, Wish wish, Set<NodeName> running, int wanted) {
        require(wanted >= 0 && wanted <= MOST, "a service has 0 to " + MOST + " copies, not " + wanted);
        int missing = Math.max(0, wanted - running.size());
        int tooMany = Math.max(0, running.size() - wanted);
        List<NodeName> candidates = roster.candidates(wish).stream()
                .filter(node -> !running.contains(node))
                .filter(node -> load(roster, node).fits(wish.demand()))
                .sorted(Comparator.comparingLong(node -> load(roster, node).fillWith(wish.demand())))
                .toList();
        List<NodeName> surplus = running.stream()
                .sorted(Comparator.comparing(NodeName::value))
                .sorted(Comparator.comparingLong((NodeName node) -> fill(roster, node))
                        .reversed())
                .limit(tooMany)
                .toList();
        return new Copies(missing, candidates, surplus);
    }

    /// Why a node is no candidate, for those that aren't and run no copy.
    /// @return at most three, as parts of a sentence
    public static List<String> hindrances(Roster roster, Wish wish, Set<NodeName> running) {
        return roster.members().stream()
                .filter(member -> !running.contains(member.name()))
                .flatMap(member -> Eligibility.of(member, wish)
                        .or(() -> member.load().fits(wish.demand())
                                ? java.util.Optional.empty()
                                : java.util.Optional.of("has no room"))
                        .map(why -> member.name() + " " + why)
                        .stream())
                .limit(3)
                .toList();
    }

    private static NodeLoad load(Roster roster, NodeName node) {
        return roster.member(node).orElseThrow().load();
    }

    /// Of one that left the roster meanwhile nobody knows.
    private static long fill(Roster roster, NodeName node) {
        return roster.member(node)
                .map(member -> member.load().fillWith(Resources.NONE))
                .orElse(0L);
    }
}
