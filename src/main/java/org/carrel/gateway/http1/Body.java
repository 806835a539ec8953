package org.carrel.gateway.http1;

import io.netty.buffer.ByteBuf;

/// How much of what follows a head belongs to its body.
public abstract sealed class Body {
    public static Body none() {
        return new Counted(0);
    }

    public static Body of(long length) {
        return new Counted(length);
    }

    public static Body chunked() {
        return new Chunked();
    }

    public static Body untilClose() {
        return new UntilClose();
    }

    public static Body of(RawRequest request) {
        return request.isChunked() ? chunked() : of(Math.max(0, request.contentLength()));
    }

    /// @return how many of the readable bytes belong to this body; they count as taken
    public abstract int take(ByteBuf in, ChunkTracker.Sink sink) throws RefusedException;

    public abstract boolean isDone();

    /// a close of the connection is its proper end
    public boolean endsWithClose() {
        return false;
    }

    public boolean isChunked() {
        return false;
    }

    private static final class Counted extends Body {
        private long left;

        Counted(long length) {
            left = length;
        }

        @Override
        public int take(ByteBuf in, ChunkTracker.Sink sink) {
            int taken = (int) Math.min(left, in.readableBytes());
            if (taken > 0) sink.data(in, in.readerIndex(), taken);
            left -= taken;
            return taken;
        }

        @Override
        public boolean isDone() {
            return left == 0;
        }
    }

    private static final class Chunked extends Body {
        private final ChunkTracker tracker = new ChunkTracker();

        @Override
        public int take(ByteBuf in, ChunkTracker.Sink sink) throws RefusedException {
            return tracker.advance(in, in.readerIndex(), in.writerIndex(), sink) - in.readerIndex();
        }

        @Override
        public boolean isDone() {
            return tracker.isDone();
        }

        @Override
        public boolean isChunked() {
            return true;
        }
    }

    private static final class UntilClose extends Body {
        @Override
        public int take(ByteBuf in, ChunkTracker.Sink sink) {
            sink.data(in, in.readerIndex(), in.readableBytes());
            return in.readableBytes();
        }

        @Override
        public boolean isDone() {
            return false;
        }

        @Override
        public boolean endsWithClose() {
            return true;
        }
    }
}
