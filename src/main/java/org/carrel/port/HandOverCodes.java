package org.carrel.port;

import java.io.IOException;
import java.util.Optional;
import org.carrel.domain.session.SessionId;

/// One-use codes by which a browser comes from the portal to a session's own origin. Kept by the node that owns the
/// session: so one made through any gateway is used through any other, and once.
public interface HandOverCodes {
    /// @param challenge SHA-256 of a text that only the browser has, base64url
    /// @param sealed    who is signed in, so that no node which keeps it can change it; at most 3,000 characters
    /// @return holds for 60 s; empty when the session isn't there, or the challenge can't be one
    /// @throws IOException when the session's node doesn't answer
    Optional<String> promise(SessionId session, String challenge, String sealed)
            throws IOException, InterruptedException;

    /// Uses the code up, whatever comes of it.
    /// @param challenge as the browser's own text makes it
    /// @return what was sealed; empty when code, session and browser don't belong together
    /// @throws IOException when the session's node doesn't answer
    Optional<String> redeem(SessionId session, String code, String challenge) throws IOException, InterruptedException;
}
