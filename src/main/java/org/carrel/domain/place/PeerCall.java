package org.carrel.domain.place;

import java.time.Duration;
import org.carrel.domain.app.App;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.Turn;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;

/// What the asking side of a placement says to other nodes, and to its own. Every one may be sent again: the second
/// one changes nothing.
public sealed interface PeerCall {
    /// For the registrar in a node; answered by a `TurnAnswer`.
    record ForRegistrar(TurnCall call) implements PeerCall {}

    /// For the agent of a node, as it is; answered by `Report`.
    record Look(NodeEvent.Ask ask) implements PeerCall {}

    /// For the agent of a node, which adds the app as it has it, and a fresh id.
    /// @param epoch the node's, as it said in its report
    record Reserve(SessionKey key, String once, Turn turn, long epoch, Duration waited) implements PeerCall {
        public NodeEvent.Reserve event(App app, SessionId fresh) {
            return new NodeEvent.Reserve(new NodeEvent.Begin(key, app, fresh, once), turn, epoch, waited);
        }
    }

    /// For the agent of a node, as it is; answered by `Withdrawn`.
    record Withdraw(NodeEvent.Withdraw withdraw) implements PeerCall {}
}
