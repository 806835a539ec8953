package org.carrel.domain.idle;

import static org.carrel.domain.Require.require;

import java.time.Duration;
import java.util.Optional;

/// When an app's sessions may be stopped by themselves.
/// @param after   without use for so long; empty: never
/// @param warning how long before the stop the user is warned
/// @param maxLife after which a session is stopped even in use; empty: never
public record IdleRule(Optional<Duration> after, Duration warning, Optional<Duration> maxLife) {
    public static final IdleRule DEFAULT =
            new IdleRule(Optional.of(Duration.ofHours(2)), Duration.ofMinutes(5), Optional.empty());

    /// for what nobody uses by hand
    public static final IdleRule NEVER = new IdleRule(Optional.empty(), Duration.ZERO, Optional.empty());

    public IdleRule {
        require(after.isEmpty() || !after.get().isNegative() && !after.get().isZero(), "idle must be more than 0");
        require(!warning.isNegative(), "the idle warning can't be negative");
        require(
                maxLife.isEmpty()
                        || !maxLife.get().isNegative() && !maxLife.get().isZero(),
                "max-life must be more than 0");
    }
}
