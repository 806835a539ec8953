package org.carrel.domain.node;

import static org.carrel.domain.Require.require;

import java.time.Duration;

/// What the node's decisions depend on besides its sessions.
/// @param reservationLife how long a session may wait for its turn to start; never renewed
/// @param launchGrace     how long a launch that is no longer wanted may take to report before it is given up
/// @param stopPatience    after which a stop that shows no end is asked for again, harder
/// @param endedKept       how long an ended session is still shown, so that its user learns why
/// @param endedMost       ended sessions kept at most, at least 1; the oldest go first
/// @param retryAfter      when to ask again after a refusal
public record NodeRules(
        NodeName node,
        Capacity capacity,
        Duration reservationLife,
        Duration launchGrace,
        Duration stopPatience,
        Duration endedKept,
        int endedMost,
        Duration retryAfter) {
    public NodeRules {
        require(isPositive(reservationLife), "a reservation must live more than 0");
        require(isPositive(launchGrace), "the grace of a launch must be more than 0");
        require(isPositive(stopPatience), "the patience of a stop must be more than 0");
        require(!endedKept.isNegative(), "the time an ended session is kept can't be negative");
        require(endedMost >= 1, "at least one ended session must be kept");
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }
}
