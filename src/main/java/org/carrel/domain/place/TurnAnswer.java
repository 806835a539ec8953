package org.carrel.domain.place;

import java.time.Duration;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Turn;

/// What a registrar says.
public sealed interface TurnAnswer {
    /// @param left      of the turn's life
    /// @param holder    where the last turn of this key put its session; a hint
    /// @param unsettled an earlier turn ran out without a word: its asker may have begun a session anywhere
    record Yours(Turn turn, Duration left, Optional<NodeName> holder, boolean unsettled) implements TurnAnswer {}

    /// It is another request's turn. Its outcome will be known soon.
    record Others(Duration again) implements TurnAnswer {}

    /// More keys are being begun than can be kept apart.
    record Crowded(Duration again) implements TurnAnswer {}

    record Noted() implements TurnAnswer {}
}
