package org.carrel.gateway.http1;

import static org.carrel.gateway.http1.RefusedException.bad;

import io.netty.buffer.ByteBuf;

/// Follows a chunked body without changing it, and refuses what other parsers could read differently: bare line feeds,
/// control bytes in extensions, blanks around sizes, trailers that would change what was decided by the head.
///
/// Source: RFC 9112 7.1. Bounds: size of one chunk below 2^60, extension 256 bytes, all trailers 8 KiB.
public final class ChunkTracker {
    static final int EXTENSION_LIMIT = 256;
    static final int TRAILERS_LIMIT = 8 * 1024;
    private static final int SIZE_DIGITS_LIMIT = 15;

    /// Receives the parts that a reader of the body cares about.
    public interface Sink {
        Sink NONE = (in, from, length) -> {};

        void data(ByteBuf in, int from, int length);

        /// from behind the last chunk's line to the end: trailers and the empty line
        default void trailers(ByteBuf in, int from, int length) {}
    }

    private enum At {
        SIZE_FIRST,
        SIZE,
        EXTENSION,
        SIZE_FEED,
        DATA,
        DATA_RETURN,
        DATA_FEED,
        LINE_START,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_FEED,
        LAST_FEED,
        DONE
    }

    private At at = At.SIZE_FIRST;
    private long left;
    private int digits;
    private int extension;
    private int trailers;
    private byte[] name = new byte[0];
    private int nameLength;

    public boolean isDone() {
        return at == At.DONE;
    }

    /// @return the first position it did not take: `to`, or where the body ended
    public int advance(ByteBuf in, int from, int to, Sink sink) throws RefusedException {
        int i = from;
        int trailersFrom = isInTrailers() ? from : -1;
        while (i < to && at != At.DONE) {
            if (at == At.DATA) {
                int run = (int) Math.min(left, to - i);
                sink.data(in, i, run);
                i += run;
                left -= run;
                if (left == 0) at = At.DATA_RETURN;
                continue;
            }
            at = step(in.getByte(i++));
            if (at == At.LINE_START && trailersFrom < 0) trailersFrom = i;
        }
        if (trailersFrom >= 0 && i > trailersFrom) sink.trailers(in, trailersFrom, i - trailersFrom);
        return i;
    }

    private boolean isInTrailers() {
        return at.compareTo(At.LINE_START) >= 0;
    }

    private At step(byte b) throws RefusedException {
        if (isInTrailers() && ++trailers > TRAILERS_LIMIT) throw new RefusedException(431, "trailers are too long");
        return switch (at) {
            case SIZE_FIRST -> {
                left = 0;
                digits = 0;
                extension = 0;
                if (Chars.HEX[b & 0xff] < 0) throw bad("a malformed chunk size");
                yield size(b);
            }
            case SIZE -> size(b);
            case EXTENSION -> {
                if (b == '\r') yield At.SIZE_FEED;
                if (b >= 0 && b < 0x20 || b == 0x7f) throw bad("a control byte in a chunk extension");
                if (++extension > EXTENSION_LIMIT) throw bad("a chunk extension that is too long");
                yield At.EXTENSION;
            }
            case SIZE_FEED -> {
                feed(b);
                yield left == 0 ? At.LINE_START : At.DATA;
            }
            case DATA_RETURN -> {
                if (b != '\r') throw bad("a chunk that is longer than its size");
                yield At.DATA_FEED;
            }
            case DATA_FEED -> {
                feed(b);
                yield At.SIZE_FIRST;
            }
            case LINE_START -> lineStart(b);
            case TRAILER_NAME -> trailerName(b);
            case TRAILER_VALUE -> {
                if (b == '\r') yield At.TRAILER_FEED;
                if (!Chars.VALUE[b & 0xff]) throw bad("a control byte in a trailer");
                yield At.TRAILER_VALUE;
            }
            case TRAILER_FEED -> {
                feed(b);
                yield At.LINE_START;
            }
            case LAST_FEED -> {
                feed(b);
                yield At.DONE;
            }
            case DATA, DONE -> throw new IllegalStateException("no step from " + at);
        };
    }

    private At size(byte b) throws RefusedException {
        int digit = Chars.HEX[b & 0xff];
        if (digit >= 0) {
            if (++digits > SIZE_DIGITS_LIMIT) throw bad("a chunk size that is too large");
            left = left << 4 | digit;
            return At.SIZE;
        }
        if (b == '\r') return At.SIZE_FEED;
        if (b == ';') return At.EXTENSION;
        throw bad("a malformed chunk size");
    }

    private At lineStart(byte b) throws RefusedException {
        if (b == '\r') return At.LAST_FEED;
        if (name.length == 0) name = new byte[64];
        nameLength = 0;
        return trailerName(b);
    }

    private At trailerName(byte b) throws RefusedException {
        if (b == ':' && nameLength > 0) {
            int hash = 0;
            for (int i = 0; i < nameLength; i++) hash = hash * 31 + name[i];
            if (Known.of(name, 0, nameLength, hash).isForbiddenTrailer()) throw bad("a trailer that may not be one");
            return At.TRAILER_VALUE;
        }
        byte folded = Chars.NAME[b & 0xff];
        if (folded == 0 || nameLength == name.length) throw bad("a malformed trailer name");
        name[nameLength++] = folded;
        return At.TRAILER_NAME;
    }

    private static void feed(byte b) throws RefusedException {
        if (b != '\n') throw bad("a bare carriage return in the chunk framing");
    }
}
