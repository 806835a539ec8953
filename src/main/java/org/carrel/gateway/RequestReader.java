package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.carrel.gateway.http1.Body;
import org.carrel.gateway.http1.ChunkTracker;
import org.carrel.gateway.http1.HeadEnd;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.gateway.http1.RefusedException;
import org.jspecify.annotations.Nullable;

/// Cuts what one client sends into heads and bodies. What can't be used yet waits here: at most a head (its limit is
/// kept) and what came in the same read, because a client whose bytes wait isn't read.
final class RequestReader {
    private static final byte[] NOTHING = new byte[0];

    private final Loop loop;
    private final ByteBufAllocator allocator;
    private final HeadEnd headEnd;
    private @Nullable ByteBuf pending;
    private byte[] head = NOTHING;
    private int headLength;
    private Body body = Body.none();

    RequestReader(Loop loop, ByteBufAllocator allocator) {
        this.loop = loop;
        this.allocator = allocator;
        this.headEnd = new HeadEnd(loop.services.limits.sizes().headBytes());
    }

    /// @param in now owned by the reader
    void put(ByteBuf in) {
        pending = Pending.join(allocator, pending, in);
    }

    boolean hasBytes() {
        return pending != null && pending.isReadable();
    }

    /// Nothing is held, not even a buffer that has been read to its end: see `tidy`.
    boolean isEmpty() {
        return pending == null;
    }

    /// To be called only when there are bytes.
    /// @return whether a whole head was there; `parsed` then says what it means
    boolean takeHead() throws RefusedException {
        ByteBuf in = waiting();
        byte first = in.getByte(in.readerIndex());
        if (first < 'A' || first > 'Z') throw new RefusedException(400, "this is not HTTP");
        int length = headEnd.find(in);
        if (length < 0) return false;
        headEnd.reset();
        if (head.length < length) head = new byte[Math.max(512, length + 128)];
        in.readBytes(head, 0, length);
        headLength = length;
        return true;
    }

    /// The present request once more; positions hold until the next one is parsed on this loop.
    RawRequest parsed() throws RefusedException {
        loop.request.parse(head, headLength);
        return loop.request;
    }

    /// From here on the bytes are this request's body. What is already here of it is checked before anybody behind us
    /// hears of the request.
    void beginBody(RawRequest request) throws RefusedException {
        body = Body.of(request);
        if (request.isChunked()) Body.chunked().take(waiting(), ChunkTracker.Sink.NONE);
    }

    /// Gives what is here of the body. Taking it may end everything: the client may have gone.
    /// @return whether that was the end of the body
    boolean giveBody(Exchange taker) throws RefusedException {
        ByteBuf in = waiting();
        if (taker.takesFraming()) {
            int taken = body.take(in, ChunkTracker.Sink.NONE);
            if (taken > 0) taker.body(in.readRetainedSlice(taken));
        } else {
            int taken = body.take(in, (data, from, length) -> taker.body(data.retainedSlice(from, length)));
            in.skipBytes(taken);
        }
        return body.isDone();
    }

    /// What follows isn't HTTP.
    /// @return bytes that came early; to be released by the caller
    ByteBuf takeRest() {
        ByteBuf rest = pending == null ? Unpooled.EMPTY_BUFFER : pending;
        pending = null;
        head = NOTHING;
        return rest;
    }

    /// What came and couldn't be used yet.
    byte[] waitingBytes() {
        ByteBuf in = waiting();
        byte[] bytes = new byte[in.readableBytes()];
        in.getBytes(in.readerIndex(), bytes);
        return bytes;
    }

    void tidy() {
        if (pending != null && !pending.isReadable()) drop();
    }

    void drop() {
        if (pending != null) pending.release();
        pending = null;
    }

    private ByteBuf waiting() {
        return pending == null ? Unpooled.EMPTY_BUFFER : pending;
    }
}
