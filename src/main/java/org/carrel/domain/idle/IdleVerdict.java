package org.carrel.domain.idle;

import java.time.Instant;

/// Whether a session goes on, with the reason as a sentence for its user.
public sealed interface IdleVerdict {
    String reason();

    /// @param stopsAt when it would be stopped if nothing changes; `Instant.MAX`: never
    record Keep(String reason, Instant stopsAt) implements IdleVerdict {}

    /// The user is to be warned.
    record Warn(String reason, Instant stopsAt) implements IdleVerdict {}

    record Stop(String reason) implements IdleVerdict {}
}
