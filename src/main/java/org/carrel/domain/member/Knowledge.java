package org.carrel.domain.member;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// All that a node knows when it decides whether to join, to found, or to wait.
/// @param self        what it would say when asked now
/// @param looking     for how long it has been looking, or has been a member
/// @param echoAwaited it announces itself by multicast and hasn't heard itself yet
/// @param quiet       for how long no new candidate has come up
/// @param remembered  id of the island it was in before it was restarted
/// @param candidates  all of them, with how asking them went
/// @param heard       by address of membership: what was last said by whoever answered or asked, proved to be a node of
///                    this cluster's key
public record Knowledge(
        Claim self,
        Duration looking,
        boolean echoAwaited,
        Duration quiet,
        Optional<String> remembered,
        Map<Candidate, Asked> candidates,
        Map<String, Heard> heard) {
    public Knowledge {
        candidates = Map.copyOf(candidates);
        heard = Map.copyOf(heard);
    }

    /// @param known    this node was with it before it was restarted
    /// @param silences since it last answered
    /// @param since    it was last asked; empty when never
    /// @param pending  an answer is awaited
    public record Asked(boolean known, int silences, Optional<Duration> since, boolean pending) {
        public static final Asked NEVER = new Asked(false, 0, Optional.empty(), false);

        boolean answered() {
            return since.isPresent() && !pending && silences == 0;
        }
    }

    /// @param age      of what was said last
    /// @param standing for how long it has named the same members
    public record Heard(Claim claim, Duration age, Duration standing) {}
}
