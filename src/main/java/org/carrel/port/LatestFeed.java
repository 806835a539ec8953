package org.carrel.port;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.carrel.http.Feed;
import org.jspecify.annotations.Nullable;

/// A feed that holds one value: a newer one replaces what was not read yet.
public final class LatestFeed<T> implements Feed<T> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Runnable onClose;
    private @Nullable T waiting;
    private boolean ended;

    public LatestFeed(Runnable onClose) {
        this.onClose = onClose;
    }

    /// Never blocks but for the time another thread takes to read a field.
    public void offer(T value) {
        lock.lock();
        try {
            if (ended) return;
            waiting = value;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<T> next(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (waiting == null && !ended && left > 0) left = changed.awaitNanos(left);
            Optional<T> next = Optional.ofNullable(waiting);
            waiting = null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean ended() {
        lock.lock();
        try {
            return ended && waiting == null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            ended = true;
            waiting = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        onClose.run();
    }
}
