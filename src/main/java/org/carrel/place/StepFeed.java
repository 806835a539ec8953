package org.carrel.place;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.carrel.http.Feed;
import org.carrel.port.Services.Step;
import org.carrel.port.Services.What;

/// What happens in one launch. When its reader is slow, or gone, lines of output are left out: 10,000 steps wait at
/// most.
final class StepFeed implements Feed<Step> {
    private static final int MOST = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Step> waiting = new ArrayDeque<>();
    private boolean last;
    private boolean closed;

    void add(Step step) {
        lock.lock();
        try {
            if (closed || last) return;
            if (waiting.size() >= MOST && step.what() == What.OUTPUT) return;
            waiting.addLast(step);
            last = step.what().isLast();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Step> next(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closed && !last && left > 0) left = changed.awaitNanos(left);
            return Optional.ofNullable(waiting.pollFirst());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean ended() {
        lock.lock();
        try {
            return closed || last && waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
