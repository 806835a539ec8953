package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// Bytes that came but could not be used yet.
final class Pending {
    private Pending() {}

    /// Owns both arguments. Nothing is written into memory that somebody else still reads.
    static ByteBuf join(ByteBufAllocator allocator, @Nullable ByteBuf earlier, ByteBuf later) {
        if (earlier == null) return later;
        if (!earlier.isReadable()) {
            earlier.release();
            return later;
        }
        try (var both = new Joining(earlier, later)) {
            return both.joined(allocator);
        }
    }

    private record Joining(ByteBuf earlier, ByteBuf later) implements AutoCloseable {
        ByteBuf joined(ByteBufAllocator allocator) {
            int total = earlier.readableBytes() + later.readableBytes();
            return allocator
                    .directBuffer(Math.max(1024, total + total / 2))
                    .writeBytes(earlier)
                    .writeBytes(later);
        }

        @Override
        public void close() {
            earlier.release();
            later.release();
        }
    }
}
