package org.carrel.domain.member;

import java.util.List;

/// What a node does next: whom it asks, and whether it moves.
public record Plan(List<Candidate> ask, Move move) {
    public Plan {
        ask = List.copyOf(ask);
    }

    public sealed interface Move {
        /// @param why a part of a sentence: waiting for …
        record Wait(String why) implements Move {}

        /// @param address of a member's membership
        /// @param island  it is a member of
        record Join(String address, Island island) implements Move {}

        /// Begins a cluster of one.
        record Found() implements Move {}

        /// A member, and all is well.
        record Stay() implements Move {}

        /// Leaves its own island for another: restarts its membership, nothing else, and joins there.
        record Merge(String address, Island island) implements Move {}
    }
}
