package org.carrel.domain.node;

import java.time.Duration;
import java.util.Optional;
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

    /// A look before a reservation: who holds the key, is there room? It stands in line with it, too.
    /// @param asker  names the placement that asks
    /// @param turn   from now on no earlier one reserves this key here
    /// @param waited how long its user has waited; empty while not in line
    /// @param again  when in line: it asks again within this, at most 10 s
    record Ask(
            SessionKey key,
            Resources demand,
            String once,
            String asker,
            Turn turn,
            Optional<Duration> waited,
            Duration again)
            implements NodeEvent {}

    /// A begin from another node, after an `Ask`.
    /// @param turn   as in the `Ask`
    /// @param epoch  as in its `Report`
    /// @param waited how long its user has waited
    record Reserve(Begin begin, Turn turn, long epoch, Duration waited) implements NodeEvent {}

    /// This request wants no room here any more: it leaves the line.
    record Withdraw(SessionKey key, String once, Extent extent, End because) implements NodeEvent {}

    /// What else a withdrawal does.
    enum Extent {
        /// nothing: the request may come back
        LINE,
        /// its key has its session: no other request of that key wants room here either
        SERVED,
        /// the request begins nothing here any more; what it has begun is stopped, unless it is ready
        UNREADY,
        /// the same, and ready or not: its user has called it off
        ALL;

        boolean callsOff() {
            return this == UNREADY || this == ALL;
        }
    }

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
