package org.carrel.port;

import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;

/// Somebody wants to reach a session.
public record Knock(SessionId session, Principal by, Traffic kind) {
    public enum Traffic {
        HTTP,
        WEBSOCKET,
        TCP
    }
}
