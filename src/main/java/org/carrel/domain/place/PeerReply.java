package org.carrel.domain.place;

import org.carrel.domain.node.NodeAnswer;

/// What comes back to a `PeerCall`.
public sealed interface PeerReply {
    record OfRegistrar(TurnAnswer answer) implements PeerReply {}

    record OfAgent(NodeAnswer answer) implements PeerReply {}
}
