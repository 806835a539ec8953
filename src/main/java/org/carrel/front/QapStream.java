package org.carrel.front;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;

/// Follows one direction of a QAP connection: where its messages begin, what they are and how long. What is in them is
/// neither looked at nor kept. Belongs to one event loop.
///
/// A message, little-endian (Rserve's `src/include/Rsrv.h`, QAP1 0103):
/// ```
/// 4 bytes  command; in an answer 0x10001 or 0x10002, the status in bits 24 to 30
/// 4 bytes  length of what follows, low half
/// 4 bytes  id of the message
/// 4 bytes  length, high half
/// ```
final class QapStream {
    static final int HEADER = 16;

    interface Reader {
        /// @param length of what follows the header, 0 to 2^64-1 unsigned
        /// @return false when it isn't to be passed on
        boolean begins(int command, long length, int id);
    }

    private final Reader reader;
    private final byte[] header = new byte[HEADER];
    private int held;
    /// of the present message; unsigned
    private long left;
    private boolean dropping;

    /// @param before bytes that come before the first message
    QapStream(int before, Reader reader) {
        this.left = before;
        this.reader = reader;
    }

    /// @param in   released, or given on
    /// @param pass gets what goes on, in its order
    void read(ByteBuf in, Consumer<ByteBuf> pass) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        int from = start;
        int at = start;
        while (at < end) {
            if (left != 0) {
                int part = Long.compareUnsigned(left, end - at) < 0 ? (int) left : end - at;
                at += part;
                left -= part;
                if (dropping) from = at;
            } else if (held == 0 && end - at >= HEADER) {
                begin(in.getIntLE(at), in.getIntLE(at + 4), in.getIntLE(at + 8), in.getIntLE(at + 12));
                if (dropping) {
                    give(in, from, at, pass);
                    from = at + HEADER;
                }
                at += HEADER;
            } else {
                give(in, from, at, pass);
                at = hold(in, at, end, pass);
                from = at;
            }
        }
        if (from == start && from < end) pass.accept(in);
        else {
            give(in, from, end, pass);
            in.release();
        }
    }

    /// A header that comes in pieces goes on when it is whole.
    private int hold(ByteBuf in, int at, int end, Consumer<ByteBuf> pass) {
        int part = Math.min(HEADER - held, end - at);
        in.getBytes(at, header, held, part);
        held += part;
        if (held == HEADER) {
            held = 0;
            ByteBuf whole = Unpooled.wrappedBuffer(header);
            begin(whole.getIntLE(0), whole.getIntLE(4), whole.getIntLE(8), whole.getIntLE(12));
            if (!dropping) pass.accept(whole.copy());
        }
        return at + part;
    }

    private void begin(int command, int low, int id, int high) {
        left = Integer.toUnsignedLong(low) | Integer.toUnsignedLong(high) << 32;
        dropping = !reader.begins(command, left, id);
    }

    private static void give(ByteBuf in, int from, int to, Consumer<ByteBuf> pass) {
        if (to > from) pass.accept(in.retainedSlice(from, to - from));
    }
}
