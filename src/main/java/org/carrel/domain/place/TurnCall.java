package org.carrel.domain.place;

import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Turn;
import org.carrel.domain.session.SessionKey;

/// What a registrar is asked.
public sealed interface TurnCall {
    SessionKey key();

    /// @param asker names who asks, one placement of one gateway; asking again gives the same turn
    /// @param after the number of the asker's last turn, 0 at first: the new one is to be above it
    record Take(SessionKey key, String asker, long after) implements TurnCall {}

    /// @param at where the key's session is now; empty: nothing came of this turn
    record End(SessionKey key, Turn turn, Optional<NodeName> at) implements TurnCall {}
}
