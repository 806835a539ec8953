package org.carrel.domain.place;

import java.util.List;
import org.carrel.domain.node.NodeName;

/// Where a placement stands, to be shown to the user who waits.
public sealed interface Stage {
    /// Asking around; a matter of milliseconds.
    record Looking() implements Stage {}

    /// All machines that would do are full.
    /// @param position 1: next
    record InLine(int position) implements Stage {}

    /// One of these may hold the session already and does not answer. Nothing is begun until it does, or until the user
    /// says "elsewhere".
    record HolderSilent(List<NodeName> nodes) implements Stage {}

    /// The machine with the user's files can't take it now.
    /// @param why a part of a sentence that begins with the node's name
    record HomeAway(NodeName node, String why) implements Stage {}

    record Over(Outcome outcome) implements Stage {}
}
