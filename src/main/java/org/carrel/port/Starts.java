package org.carrel.port;

import org.carrel.domain.session.SessionKey;
import org.carrel.http.RequestId;

/// Where users' sessions begin: on whichever machine has room.
public interface Starts {
    /// Finds the live session of the key, wherever it is, or begins one. Answers within some seconds; the start then
    /// goes on by itself. Who may start the app is checked before, by the caller.
    Begun start(Start start) throws InterruptedException;

    /// Nobody waits for it any more. What it has begun meanwhile is stopped.
    void callOff(SessionKey key, RequestId ticket);
}
