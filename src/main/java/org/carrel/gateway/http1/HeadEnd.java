package org.carrel.gateway.http1;

import io.netty.buffer.ByteBuf;

/// Finds where a head ends, however its bytes arrive. Looks at every byte once.
public final class HeadEnd {
    private final int mostBytes;
    private int scanned;
    private int lineStart;

    /// @param mostBytes of a head, its empty line included
    public HeadEnd(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    public void reset() {
        scanned = 0;
        lineStart = 0;
    }

    /// @param in the head's first byte is at its reader index, in each call since the last `reset`
    /// @return length of the head with its empty line, or -1 when more bytes are needed
    /// @throws RefusedException for a bare line feed, at once, and for a head over the limit
    public int find(ByteBuf in) throws RefusedException {
        int base = in.readerIndex();
        int end = Math.min(in.readableBytes(), mostBytes);
        while (scanned < end) {
            int found = in.indexOf(base + scanned, base + end, (byte) '\n');
            if (found < 0) {
                scanned = end;
                break;
            }
            int feed = found - base;
            if (feed == lineStart || in.getByte(found - 1) != '\r') throw RefusedException.bad("a bare line feed");
            scanned = feed + 1;
            if (feed == lineStart + 1) return scanned;
            lineStart = scanned;
        }
        if (in.readableBytes() >= mostBytes) throw new RefusedException(431, "the head is too long");
        return -1;
    }
}
