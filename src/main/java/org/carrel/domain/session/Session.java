package org.carrel.domain.session;

import java.time.Instant;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.user.UserId;

/// One instance of an app, from reservation to end.
/// @param kind   of the app when the session began; the app may change later, the session doesn't
/// @param demand what it is counted with on its node
/// @param since  when it was reserved
public record Session(
        SessionId id, SessionKey key, KindId kind, Resources demand, NodeName node, Instant since, SessionState state) {

    public UserId owner() {
        return key.owner();
    }

    public AppId app() {
        return key.app();
    }

    public Session in(SessionState next) {
        return new Session(id, key, kind, demand, node, since, next);
    }
}
