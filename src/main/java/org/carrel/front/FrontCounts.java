package org.carrel.front;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What a front counts. Any thread.
public final class FrontCounts {
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger waiting = new AtomicInteger();
    final LongAdder served = new LongAdder();
    final LongAdder elsewhere = new LongAdder();
    final LongAdder refusedCommands = new LongAdder();
    final LongAdder fromClients = new LongAdder();
    final LongAdder toClients = new LongAdder();
    private final Map<Ended, LongAdder> ended = new EnumMap<>(Ended.class);

    FrontCounts() {
        for (Ended why : Ended.values()) ended.put(why, new LongAdder());
    }

    void ended(Ended why) {
        ended.getOrDefault(why, new LongAdder()).increment();
    }

    /// connections that are on a copy
    public int open() {
        return open.get();
    }

    /// clients that wait for a copy
    public int waiting() {
        return waiting.get();
    }

    /// connections that have been on a copy
    public long served() {
        return served.sum();
    }

    /// how often another copy was tried
    public long elsewhere() {
        return elsewhere.sum();
    }

    public long refusedCommands() {
        return refusedCommands.sum();
    }

    public long fromClients() {
        return fromClients.sum();
    }

    public long toClients() {
        return toClients.sum();
    }

    /// how many ended so
    public long of(Ended why) {
        return ended.getOrDefault(why, new LongAdder()).sum();
    }
}
