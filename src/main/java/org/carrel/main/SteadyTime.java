package org.carrel.main;

import java.time.Instant;
import java.time.InstantSource;

/// The time of day as it was when the program began, moved on by the clock that never jumps. Deadlines and idleness are
/// reckoned with
/// it, so that a correction of the machine's clock neither ends nor prolongs anything.
final class SteadyTime implements InstantSource {
    private final Instant began = Instant.now();
    private final long beganNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return began.plusNanos(System.nanoTime() - beganNanos);
    }
}
