package org.carrel.port;

import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.SessionKey;
import org.carrel.http.RequestId;

/// What a user asks for.
/// @param ticket    names the request: asking again with the same one goes on with it
/// @param on        the machine the user has chosen; no other will do
/// @param elsewhere the user's word not to wait for machines that are silent and may hold the session
/// @param waits     in line while there is no room, asking again within 60 s; else it is refused
public record Start(SessionKey key, RequestId ticket, Optional<NodeName> on, boolean elsewhere, boolean waits) {
    /// Anywhere, now or not at all.
    public static Start now(SessionKey key, RequestId ticket) {
        return new Start(key, ticket, Optional.empty(), false, false);
    }
}
