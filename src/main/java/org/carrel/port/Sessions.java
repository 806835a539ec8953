package org.carrel.port;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.http.RequestId;

/// The authority over sessions, here or on another node.
public interface Sessions {
    /// Finds the live session of this key or reserves a new one; the start then goes on by itself. Never waits for the
    /// start.
    /// Who may start the app is checked before, by the caller.
    /// @param once asking again with the same id gives the same answer
    Begun begin(SessionKey key, RequestId once) throws InterruptedException;

    /// Stages of a start, the present one first, until the session is ready or ended.
    Feed<Progress> watch(SessionId id);

    /// Stops a session in the manner of its kind. Returns at once; twice is harmless.
    /// @return the session as it now is; empty when there is none
    Optional<Session> stop(SessionId id, End because) throws InterruptedException;

    /// "Keep it running": counts as use, now.
    Optional<Session> extend(SessionId id, UserId by) throws InterruptedException;

    /// @param lines at most 10,000
    List<String> log(SessionId id, int lines) throws InterruptedException;

    /// @return the usual time from begin to ready of this session's app, when it has been started before
    Optional<Duration> usualStart(SessionKey key);

    /// No new sessions; the present ones go on.
    void drain(boolean on) throws InterruptedException;
}
