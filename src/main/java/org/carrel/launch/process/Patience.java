package org.carrel.launch.process;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Ends what has been silent for too long.
final class Patience implements AutoCloseable {
    private final Duration most;
    private final Runnable end;
    private final Future<?> look;
    private volatile long heard = System.nanoTime();

    Patience(ScheduledExecutorService watch, Duration most, Runnable end) {
        this.most = most;
        this.end = end;
        long often = Math.max(1, most.toMillis() / 10);
        look = watch.scheduleWithFixedDelay(this::look, often, often, TimeUnit.MILLISECONDS);
    }

    /// It lives.
    void heard() {
        heard = System.nanoTime();
    }

    private void look() {
        if (System.nanoTime() - heard > most.toNanos()) end.run();
    }

    @Override
    public void close() {
        look.cancel(false);
    }
}
