package org.carrel.domain.session;

import java.time.Instant;
import java.util.Optional;

/// ```
/// Reserved -> Starting -> Ready -> Draining -> Ended
///    |            |         |                    ^
///    +------------+---------+--------------------+
/// ```
/// A state offers only the moves that exist. The list may grow (suspended); clients must bear it.
public sealed interface SessionState {
    /// one word, as in the API
    String word();

    /// Capacity is promised, nothing runs yet.
    /// @param expires when the promise ends by itself
    /// @param ahead   starts that come before this one
    record Reserved(Instant expires, int ahead) implements SessionState {
        @Override
        public String word() {
            return "reserved";
        }

        public Starting start(Instant deadline) {
            return new Starting(deadline, Optional.empty());
        }
    }

    /// @param deadline by which it must answer
    /// @param workload from the moment it was launched
    record Starting(Instant deadline, Optional<Workload> workload) implements SessionState {
        @Override
        public String word() {
            return "starting";
        }

        public Starting launched(Workload launched) {
            return new Starting(deadline, Optional.of(launched));
        }

        public Ready answered(Workload answering) {
            return new Ready(answering);
        }
    }

    record Ready(Workload workload) implements SessionState {
        @Override
        public String word() {
            return "ready";
        }

        public Draining drain(Instant deadline, End because) {
            return new Draining(workload, deadline, because);
        }
    }

    /// Being stopped.
    /// @param because what it will have ended of
    record Draining(Workload workload, Instant deadline, End because) implements SessionState {
        @Override
        public String word() {
            return "draining";
        }
    }

    record Ended(End end, Instant at) implements SessionState {
        @Override
        public String word() {
            return "ended";
        }
    }

    default boolean isLive() {
        return !(this instanceof Ended);
    }
}
