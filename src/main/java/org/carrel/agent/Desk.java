package org.carrel.agent;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/// What the agent holds of one session besides its state: its record, and how it is being used. Any thread.
final class Desk {
    private final AtomicInteger connections = new AtomicInteger();
    private volatile SessionRecord record;
    private volatile Instant lastInput;
    private volatile Instant lastBusy;

    /// @param now counts as its last use: what happened before a restart is not known
    Desk(SessionRecord record, Instant now) {
        this.record = record;
        this.lastInput = now;
        this.lastBusy = now;
    }

    SessionRecord record() {
        return record;
    }

    void record(SessionRecord next) {
        record = next;
    }

    Instant lastInput() {
        return lastInput;
    }

    void used(Instant at) {
        lastInput = at;
    }

    /// when it was last seen to work or to compute
    Instant lastBusy() {
        return lastBusy;
    }

    void busy(Instant at) {
        lastBusy = at;
    }

    int connections() {
        return Math.max(0, connections.get());
    }

    void connections(int change) {
        connections.addAndGet(change);
    }
}
