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

    /// @param epoch  of the node
    /// @param holds  the live session of the key, else what this very request has begun
    /// @param later  a turn that comes after the asker's: the asker would be refused
    /// @param contested another asker was here lately, by the turn of a registrar the asker's knows nothing of
    /// @param room   one of this demand fits, beside what those need who have waited longer
    /// @param before of them, how many
    /// @param calledOff this very request begins nothing here any more
    /// @param obstacle why the app can't be begun here at all just now, as the node's shell knows: a sentence
    record Report(
            NodeLoad load,
            long epoch,
            boolean draining,
            Optional<Session> holds,
            Optional<Turn> later,
            boolean contested,
            boolean room,
            int before,
            boolean calledOff,
            Optional<String> obstacle)
            implements NodeAnswer {
        public Report hinderedBy(Optional<String> why) {
            return new Report(load, epoch, draining, holds, later, contested, room, before, calledOff, why);
        }
    }

    /// Somebody asked with a later turn; nothing was begun.
    record Superseded(Turn by) implements NodeAnswer {}

    /// The node has started anew since it was asked; nothing was begun.
    record Restarted(long epoch) implements NodeAnswer {}

    /// This request was withdrawn: it begins nothing here any more, or it has left the line.
    record Withdrawn() implements NodeAnswer {}

    /// to events nobody waits for
    record Nothing() implements NodeAnswer {}
}
