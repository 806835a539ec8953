package org.carrel.support;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Time in the test's hand.
public final class TestClock implements InstantSource {
    private volatile Instant now = FakeAgent.NOW;

    @Override
    public Instant instant() {
        return now;
    }

    public void advance(Duration by) {
        now = now.plus(by);
    }
}
