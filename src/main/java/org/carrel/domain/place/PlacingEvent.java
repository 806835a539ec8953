package org.carrel.domain.place;

import org.carrel.domain.node.NodeName;

/// What can happen to a placement. Answers may come late, twice, or never.
public sealed interface PlacingEvent {
    /// @param call which this answers, as it was sent
    record Heard(NodeName from, PeerCall call, PeerReply reply) implements PlacingEvent {}

    /// What is known of the members has changed.
    record Members(Roster roster) implements PlacingEvent {}

    /// The user says: don't wait for the silent one, start elsewhere.
    record Elsewhere() implements PlacingEvent {}

    /// The user is still there.
    record Renew() implements PlacingEvent {}

    record Cancel() implements PlacingEvent {}

    /// Time has passed.
    record Tick() implements PlacingEvent {}
}
