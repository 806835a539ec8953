package org.carrel.domain.route;

import org.carrel.domain.app.AppId;
import org.carrel.domain.session.SessionId;

/// Whose origin a request was addressed to. What proves somebody at one proves nothing at another.
public sealed interface Origin {
    Origin PORTAL = new OfPortal();

    record OfPortal() implements Origin {}

    /// a host name that belongs to this session alone
    record OfSession(SessionId id) implements Origin {}

    /// a host name that belongs to this service alone
    record OfService(AppId app) implements Origin {}
}
