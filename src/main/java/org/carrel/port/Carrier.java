package org.carrel.port;

import java.net.SocketAddress;
import org.carrel.domain.session.Endpoint;

/// How bytes get to a session's workload. Whoever carries them can't tell one from the other.
public sealed interface Carrier {
    /// it listens on this node
    record Near(Endpoint endpoint) implements Carrier {}

    /// Through the door of the node that owns it, which asks its agent again for every connection.
    /// @param door  where that node's door listens
    /// @param knock what is said at it
    record Far(SocketAddress door, Knock knock) implements Carrier {}
}
