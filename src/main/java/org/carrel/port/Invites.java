package org.carrel.port;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/// How a machine that hasn't the cluster's key is let in.
public interface Invites {
    /// of a node without a cluster
    Invites NOWHERE = (life, roles) -> new Invited.Impossible("this node has no cluster; carrel init makes one");

    /// @param life  of the token, from 1 minute to 24 hours
    /// @param roles that the machine may have, in words, at least one
    Invited invite(Duration life, Set<String> roles);

    sealed interface Invited {
        /// @param text to be typed at the other machine; secret
        /// @param id   names it in logs; no secret
        record Token(String text, String id, Instant expires) implements Invited {}

        /// too many are alive
        record Crowded() implements Invited {}

        /// @param why a sentence
        record Impossible(String why) implements Invited {}
    }
}
