package org.carrel.launch.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a look at what runs from falling into a start, also into one of another starter: one whose Carrel was killed
/// may still be about to start what it was asked for, when the next Carrel already looks what there is to adopt.
///
/// Starts lock a byte each of one file, a look locks all of it: POSIX locks, which the kernel takes back from whoever
/// dies.
final class StartsLock implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StartsLock.class);
    /// longer than any start takes
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final long STEP_MILLIS = 20;

    private final ReentrantReadWriteLock here = new ReentrantReadWriteLock();
    private final AtomicLong starts = new AtomicLong();
    private final FileChannel file;

    private StartsLock(FileChannel file) {
        this.file = file;
    }

    static StartsLock open(Path path) throws IOException {
        return new StartsLock(
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ));
    }

    /// What is done under it.
    interface Work<T, E extends Exception> {
        T run() throws IOException, InterruptedException, E;
    }

    <T, E extends Exception> T starting(Work<T, E> start) throws IOException, InterruptedException, E {
        here.readLock().lock();
        try (FileLock _ = file.lock(starts.getAndIncrement(), 1, true)) {
            return start.run();
        } finally {
            here.readLock().unlock();
        }
    }

    /// Waits for all starts that are under way, at most 40 s.
    <T, E extends Exception> T looking(Work<T, E> look) throws IOException, InterruptedException, E {
        here.writeLock().lock();
        try (FileLock lock = all()) {
            if (lock == null)
                log.warn("starts of another starter are still under way after {}; looking all the same", PATIENCE);
            return look.run();
        } finally {
            here.writeLock().unlock();
        }
    }

    private @Nullable FileLock all() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        FileLock lock = file.tryLock(0, Long.MAX_VALUE, false);
        while (lock == null && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
            lock = file.tryLock(0, Long.MAX_VALUE, false);
        }
        return lock;
    }

    /// Waits for starts of its own that are under way, at most 40 s: with the file their locks would be given back, and
    /// the next look fall into them. None begins afterwards.
    @Override
    public void close() throws IOException {
        boolean alone = false;
        try {
            alone = here.writeLock().tryLock(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (!alone) log.warn("starts are still under way after {}; closing all the same", PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            file.close();
            if (alone) here.writeLock().unlock();
        }
    }
}
