package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.carrel.gateway.http1.Body;
import org.carrel.gateway.http1.Bytes;
import org.carrel.gateway.http1.ChunkTracker;
import org.carrel.gateway.http1.HeadTag;
import org.carrel.gateway.http1.RawResponse;
import org.carrel.gateway.http1.RefusedException;
import org.carrel.gateway.http1.ResponseRewrite;

/// Puts one line into the head of a page on its way: the script of the slim bar. Holds the answer back until it knows
/// where, for at most 16 KiB or 1 s, then lets everything pass.
///
/// A body of known length stays one, longer by the line; chunks are cut anew.
final class BarFilter {
    private static final int HELD_LIMIT = 16 * 1024;
    private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final byte[] LAST_CHUNK = "0\r\n".getBytes(US_ASCII);

    private final byte[] line;
    private final byte[] answerHead;
    private final Body body;
    private final boolean close;
    private final long since;
    private final Bytes held = new Bytes(4096);
    private boolean decided;
    private boolean lastChunkSent;

    BarFilter(byte[] line, RawResponse answer, Body body, boolean close, long now) {
        this.line = line;
        this.answerHead = answer.copyHead();
        this.body = body;
        this.close = close;
        this.since = now;
    }

    /// Takes what belongs to the body.
    /// @return what is to be written now; may be empty
    ByteBuf pass(ByteBuf in, ResponseRewrite back, Loop loop) throws RefusedException {
        ByteBuf out = Unpooled.buffer(in.readableBytes() + 256);
        int taken = body.take(in, new ChunkTracker.Sink() {
            @Override
            public void data(ByteBuf data, int from, int length) {
                if (decided) {
                    emit(out, data, from, length);
                    return;
                }
                hold(data, from, length);
                int at = HeadTag.behind(held.array(), held.length());
                if (at != HeadTag.UNDECIDED || held.length() > HELD_LIMIT) decide(out, at, back, loop);
            }

            @Override
            public void trailers(ByteBuf data, int from, int length) {
                if (!decided) decide(out, HeadTag.NONE, back, loop);
                if (!lastChunkSent) out.writeBytes(LAST_CHUNK);
                lastChunkSent = true;
                out.writeBytes(data, from, length);
            }
        });
        in.skipBytes(taken);
        if (body.isDone() && !decided) decide(out, HeadTag.NONE, back, loop);
        return out;
    }

    /// The body ended by the end of its connection.
    ByteBuf finish(ResponseRewrite back, Loop loop) {
        ByteBuf out = Unpooled.buffer(256);
        if (!decided) decide(out, HeadTag.NONE, back, loop);
        return out;
    }

    ByteBuf tick(ResponseRewrite back, Loop loop) {
        ByteBuf out = Unpooled.buffer(0);
        if (!decided && loop.now - since > HELD_NANOS) decide(out, HeadTag.NONE, back, loop);
        return out;
    }

    private void hold(ByteBuf data, int from, int length) {
        byte[] copy = new byte[length];
        data.getBytes(from, copy);
        held.add(copy);
    }

    private void decide(ByteBuf out, int at, ResponseRewrite back, Loop loop) {
        decided = true;
        RawResponse answer = reparsed(loop);
        boolean found = at >= 0;
        back.write(answer, close, found ? line.length : 0, loop.out);
        out.writeBytes(loop.out.array(), 0, loop.out.length());
        ByteBuf all = Unpooled.wrappedBuffer(held.array(), 0, held.length());
        if (found) {
            all = Unpooled.wrappedBuffer(
                    all.slice(0, at), Unpooled.wrappedBuffer(line), all.slice(at, all.readableBytes() - at));
        }
        if (all.isReadable()) emit(out, all, 0, all.readableBytes());
        held.clear();
    }

    private void emit(ByteBuf out, ByteBuf data, int from, int length) {
        if (body.isChunked()) out.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(US_ASCII));
        out.writeBytes(data, from, length);
        if (body.isChunked()) out.writeByte('\r').writeByte('\n');
    }

    private RawResponse reparsed(Loop loop) {
        try {
            loop.response.parse(answerHead, answerHead.length);
            return loop.response;
        } catch (RefusedException impossible) {
            throw new IllegalStateException("a head that was accepted is now refused", impossible);
        }
    }
}
