package org.carrel.agent;

import java.time.Instant;
import java.time.InstantSource;

/// Wall time as it was at the start, carried on by the monotonic clock: when somebody sets the machine's clock, no
/// reservation expires and no session becomes idle by that.
public final class SteadyTime implements InstantSource {
    private final Instant start;
    private final long startNanos;

    private SteadyTime(Instant start, long startNanos) {
        this.start = start;
        this.startNanos = startNanos;
    }

    public static SteadyTime from(InstantSource wall) {
        return new SteadyTime(wall.instant(), System.nanoTime());
    }

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
