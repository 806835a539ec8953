package org.carrel.domain.node;

import java.time.Duration;

/// How long to wait before a service that ended is started again: 1 s, then twice as long each time, 1 min at most.
/// What
/// ran for a minute has settled, and begins at 1 s again.
public final class Restarts {
    public static final Duration FIRST = Duration.ofSeconds(1);
    public static final Duration MOST = Duration.ofMinutes(1);
    public static final Duration SETTLED = Duration.ofMinutes(1);

    private Restarts() {}

    /// @param failures one after the other, at least 1
    public static Duration pause(int failures) {
        if (failures > 6) return MOST;
        Duration pause = FIRST.multipliedBy(1L << failures - 1);
        return pause.compareTo(MOST) < 0 ? pause : MOST;
    }
}
