package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The body of a request that a page reads: an event loop puts bytes in, a virtual thread takes them out. Holds about
/// 64 KiB; beyond that the client isn't read.
final class PageBody extends InputStream {
    private static final int FULL = 64 * 1024;

    private final long limit;
    private final long patienceNanos;
    private final Runnable drained;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> parts = new ArrayDeque<>();
    private int held;
    private int offset;
    private long taken;
    private boolean ended;
    private boolean broken;

    /// @param drained called when a full queue has room again
    PageBody(long limit, long patienceNanos, Runnable drained) {
        this.limit = limit;
        this.patienceNanos = patienceNanos;
        this.drained = drained;
    }

    /// @return false when there is no room for now
    boolean hasRoom() {
        lock.lock();
        try {
            return held < FULL;
        } finally {
            lock.unlock();
        }
    }

    void put(ByteBuf part) {
        byte[] bytes = new byte[part.readableBytes()];
        part.readBytes(bytes);
        change(() -> {
            parts.add(bytes);
            held += bytes.length;
        });
    }

    void end() {
        change(() -> ended = true);
    }

    /// The client has gone.
    void fail() {
        change(() -> broken = true);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// @throws TooLarge behind the limit
    /// @throws IOException when the client has gone or is too slow
    @Override
    public int read(byte[] into, int at, int length) throws IOException {
        if (length == 0) return 0;
        boolean roomAgain;
        int copied;
        lock.lock();
        try {
            await();
            if (parts.isEmpty()) return -1;
            boolean wasFull = held >= FULL;
            copied = copy(into, at, length);
            roomAgain = wasFull && held < FULL;
        } finally {
            lock.unlock();
        }
        if (roomAgain) drained.run();
        return copied;
    }

    private void await() throws IOException {
        long left = patienceNanos;
        while (parts.isEmpty() && !ended) {
            if (broken) throw new Unfinished("the client went away in the middle of a body");
            if (left <= 0) throw new Unfinished("the client was too slow with a body");
            try {
                left = changed.awaitNanos(left);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw new IOException("stopped while reading a body", stopped);
            }
        }
    }

    private int copy(byte[] into, int at, int length) throws TooLarge {
        byte[] first = parts.getFirst();
        int copied = Math.min(length, first.length - offset);
        taken += copied;
        if (taken > limit) throw new TooLarge(limit);
        System.arraycopy(first, offset, into, at, copied);
        offset += copied;
        held -= copied;
        if (offset == first.length) {
            parts.removeFirst();
            offset = 0;
        }
        return copied;
    }

    static long nanos(java.time.Duration duration) {
        return TimeUnit.NANOSECONDS.convert(duration);
    }

    /// nobody's fault here; becomes a 408, when there is still somebody to get it
    static final class Unfinished extends IOException {
        Unfinished(String why) {
            super(why);
        }
    }

    /// becomes a 413
    static final class TooLarge extends IOException {
        TooLarge(long limit) {
            super("a body of more than " + limit + " bytes");
        }
    }
}
