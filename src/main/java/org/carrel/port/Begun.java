package org.carrel.port;

import java.time.Duration;
import org.carrel.domain.session.Session;

/// The agent's answer to "begin". Only the agent decides.
public sealed interface Begun {
    record Granted(Session session) implements Begun {}

    /// the key already has a live session
    record Existing(Session session) implements Begun {}

    /// @param shortage a sentence: what is missing, and how much there is
    record Full(String shortage, Duration retryAfter) implements Begun {}

    record Draining() implements Begun {}

    /// @param why a sentence with the next step: no such app here, its kind can't run here, the disk is full
    record Impossible(String why) implements Begun {}
}
