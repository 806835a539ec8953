package org.carrel.domain.route;

import org.carrel.domain.app.AppId;
import org.carrel.domain.session.SessionId;

/// Where an address leads, before anybody asked who is there.
public sealed interface Place {
    /// pages and API of Carrel itself
    record Portal() implements Place {}

    /// The session's own web.
    /// @param prefix what of the path is ours: empty on the session's own origin, else `/s/<id>`
    /// @param ownOrigin the host name belongs to this session alone
    record InSession(SessionId id, String prefix, boolean ownOrigin) implements Place {
        public Origin origin() {
            return ownOrigin ? new Origin.OfSession(id) : Origin.PORTAL;
        }

        /// A path without what is ours.
        public String below(String path) {
            return path.startsWith(prefix) ? path.substring(prefix.length()) : path;
        }
    }

    /// A service: one of its copies, wherever that is.
    /// @param prefix    what of the path is ours: empty on a host of its own, else `/service/<app>`
    /// @param ownOrigin the host name belongs to this service alone
    /// @param sandboxed its pages must not act as those of the host that serves them
    record OfService(AppId app, String prefix, boolean ownOrigin, boolean sandboxed) implements Place {
        public Origin origin() {
            return ownOrigin ? new Origin.OfService(app) : Origin.PORTAL;
        }
    }

    /// Our own small resources on a service's host: the hand-over, and what our pages there are made of.
    /// @param path what follows `/.carrel`, begins with `/`
    record BesideService(AppId app, String path) implements Place {}

    /// Our own small resources beside the session: the bar, the hand-over, its state. Never the workload's.
    /// @param path what follows `/.carrel`, begins with `/`
    record Beside(SessionId id, String prefix, boolean ownOrigin, String path) implements Place {
        public Origin origin() {
            return ownOrigin ? new Origin.OfSession(id) : Origin.PORTAL;
        }
    }

    /// @param location a path, or `//host:port/path` for the same scheme
    record Elsewhere(int status, String location) implements Place {}

    record Nowhere(int status, String why) implements Place {}
}
