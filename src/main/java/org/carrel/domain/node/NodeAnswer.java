package org.carrel.domain.node;

import java.time.Duration;
import java.util.Optional;
import org.carrel.domain.session.Session;

/// What the node answers to whoever asked.
public sealed interface NodeAnswer {
    record Granted(Session session) implements NodeAnswer {}

    record Existing(Session session) implements NodeAnswer {}

    /// @param shortage a sentence: what is missing and how much there is
    record Full(String shortage, Duration retryAfter) implements NodeAnswer {}

    record Draining() implements NodeAnswer {}

    /// @param why a sentence with the next step: it would not fit even into the empty node
    record Impossible(String why) implements NodeAnswer {}

    /// @param session as it now is; empty when there is none, or it isn't the asker's
    record Now(Optional<Session> session) implements NodeAnswer {}

    /// to events nobody waits for
    record Nothing() implements NodeAnswer {}
}
