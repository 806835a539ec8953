package org.carrel.port;

import java.time.Duration;
import org.carrel.domain.place.Stage;
import org.carrel.domain.session.Session;

/// The answer to "begin". Only the agent of a node decides.
public sealed interface Begun {
    record Granted(Session session) implements Begun {}

    /// the key already has a live session
    record Existing(Session session) implements Begun {}

    /// @param shortage a sentence: what is missing, and how much there is
    record Full(String shortage, Duration retryAfter) implements Begun {}

    /// It stands in line, or waits for a machine to be back. Asking again with the same ticket keeps its place.
    record Waiting(Stage why, Duration again) implements Begun {}

    record Draining() implements Begun {}

    /// @param why a sentence with the next step: no such app here, its kind can't run here, the disk is full
    record Impossible(String why) implements Begun {}
}
