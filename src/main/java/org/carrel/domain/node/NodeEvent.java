package org.carrel.domain.node;

import org.carrel.domain.app.App;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.Workload;
import org.carrel.domain.user.UserId;

/// What can happen to a node. Reports about a session that has moved on since are harmless.
public sealed interface NodeEvent {
    /// @param app   as it is now; a session that waits in line starts as this, whatever the catalogue says then
    /// @param fresh the id a new session would get
    /// @param once  names this request: the same one again finds the session it was granted
    record Begin(SessionKey key, App app, SessionId fresh, String once) implements NodeEvent {}

    /// The launcher has a handle.
    record Launched(SessionId id, Workload workload) implements NodeEvent {}

    /// Nothing runs and nothing will.
    record NotLaunched(SessionId id, End why) implements NodeEvent {}

    /// The probe succeeded.
    record Answered(SessionId id) implements NodeEvent {}

    /// The probe gave up; the workload may still run.
    record NeverAnswered(SessionId id, End why) implements NodeEvent {}

    /// The workload is no more.
    /// @param how what the session has ended of, unless it was being stopped: then that was the reason
    record Gone(SessionId id, End how) implements NodeEvent {}

    record Stop(SessionId id, End because) implements NodeEvent {}

    /// "Keep it running."
    record Extend(SessionId id, UserId by) implements NodeEvent {}

    /// No new sessions, or new ones again.
    record Drain(boolean on) implements NodeEvent {}

    /// Time has passed.
    record Tick() implements NodeEvent {}
}
