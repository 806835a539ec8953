package org.carrel.cluster;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Measures how much of its time this process was given: a thread that wants to wake every 200 ms, and
/// adds up by how much it woke too late. A process that was stopped, starved of CPU, or held up by its
/// collector has lost that time, and what it didn't hear meanwhile is no fault of others.
final class Pulse implements AutoCloseable {
    private static final long BEAT = TimeUnit.MILLISECONDS.toNanos(200);
    /// of a beat that comes late all the same on a machine at rest
    private static final long USUAL = TimeUnit.MILLISECONDS.toNanos(50);

    /// one value, so that both are read as of one moment
    private record Beat(long at, long lost) {}

    private final Thread thread;
    private volatile Beat last = new Beat(System.nanoTime(), 0);
    private volatile boolean closed;

    Pulse() {
        thread = Thread.ofPlatform().daemon().name("cluster-pulse").start(this::beat);
    }

    private void beat() {
        while (!closed) {
            LockSupport.parkNanos(BEAT);
            long now = System.nanoTime();
            last = new Beat(now, last.lost() + late(last, now));
        }
    }

    private static long late(Beat before, long now) {
        return Math.max(0, now - before.at() - BEAT - USUAL);
    }

    /// Since it was opened, nanoseconds; rises only. True at once after a stop, before the thread has run
    /// again.
    long lostNanos() {
        Beat beat = last;
        return beat.lost() + late(beat, System.nanoTime());
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
