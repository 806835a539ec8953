package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import org.carrel.gateway.http1.Body;
import org.carrel.gateway.http1.ChunkTracker;
import org.carrel.gateway.http1.HeadEnd;
import org.carrel.gateway.http1.RawResponse;
import org.carrel.gateway.http1.RefusedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to a session's workload, on the event loop of the clients it serves: reads answers, one for each
/// request given to it, and passes their bodies on as they come.
final class UpstreamConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(UpstreamConnection.class);
    /// a body of at most this many bytes that came with its head is copied behind it: one write instead of two
    private static final int COPIED_BODY = 8 * 1024;

    private final Loop loop;
    private final HeldLease lease;
    private final HeadEnd headEnd;
    private @Nullable Channel channel;
    private @Nullable ByteBuf pending;
    private @Nullable Carry carry;
    private @Nullable Relay relay;
    private @Nullable Body body;
    private @Nullable BarFilter filter;
    private @Nullable ClientConnection unflushed;
    private boolean pooled;
    private boolean reusable;
    private long idleSince;

    UpstreamConnection(Loop loop, HeldLease lease) {
        this.loop = loop;
        this.lease = lease;
        this.headEnd = new HeadEnd(loop.services.limits.sizes().headBytes());
    }

    Channel channel() {
        if (channel == null) throw new IllegalStateException("not connected yet");
        return channel;
    }

    long idleSince() {
        return idleSince;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    /// @param kept it has carried requests before
    void begin(Carry begun, boolean kept) {
        carry = begun;
        pooled = kept;
        body = null;
        headEnd.reset();
    }

    /// The present request is over, well or not.
    void end() {
        carry = null;
        body = null;
        filter = null;
        idleSince = loop.now;
    }

    void become(Relay begun) {
        carry = null;
        relay = begun;
    }

    void close() {
        if (channel != null) channel.close();
    }

    void keepReading(boolean on) {
        Channel open = channel();
        if (open.config().isAutoRead() != on && open.isActive()) open.config().setAutoRead(on);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (relay != null) {
            relay.fromUpstream(in);
            return;
        }
        if (carry == null) {
            // nobody asked: whatever this is, the next answer must not be mistaken
            in.release();
            context.close();
            return;
        }
        carry.moved();
        pending = Pending.join(context.alloc(), pending, in);
        try {
            advance();
        } catch (RefusedException refused) {
            dropPending();
            Carry broken = carry;
            context.close();
            if (broken != null) broken.upstreamBroke("its answer isn't sound HTTP: " + refused.why());
        }
    }

    private void advance() throws RefusedException {
        while (pending != null && carry != null && pending.isReadable()) {
            boolean moved = body == null ? readHead(pending, carry) : readBody(pending, carry, body);
            if (!moved) break;
        }
        if (pending != null && !pending.isReadable()) dropPending();
    }

    private boolean readHead(ByteBuf in, Carry carried) throws RefusedException {
        int length = headEnd.find(in);
        if (length < 0) return false;
        headEnd.reset();
        byte[] head = loop.headArray(length);
        in.readBytes(head, 0, length);
        RawResponse answer = loop.response;
        answer.parse(head, length);
        ClientConnection client = carried.client();
        if (answer.isInterim()) {
            if (carried.asked().http11()) {
                carried.back().writeInterim(answer, loop.out);
                client.write(loop.takeOut(client.channel.alloc(), 0));
                unflushed = client;
            }
            return true;
        }
        if (answer.status() == 101) {
            switchProtocols(answer, carried);
            return false;
        }
        begins(answer, carried, in);
        return true;
    }

    private void begins(RawResponse answer, Carry carried, ByteBuf in) throws RefusedException {
        ClientConnection client = carried.client();
        Body follows = answer.body(carried.asked().head());
        if (follows.isChunked() && !carried.asked().http11())
            throw new RefusedException(400, "chunks in an answer to HTTP/1.0");
        reusable = answer.keepsAlive()
                && !follows.endsWithClose()
                && !carried.asked().isUpgrade();
        body = follows;
        carried.answerBegins(answer);
        boolean close = client.isLastRequest()
                || follows.endsWithClose()
                || !client.isBodyRead()
                || carried.asked().isUpgrade();
        if (carried.asked().document() && answer.isPlainHtml() && !follows.isDone()) {
            filter = new BarFilter(carried.barLine(), answer, follows, close, loop.now);
            return;
        }
        carried.back().write(answer, close, 0, loop.out);
        int here = in.readableBytes();
        boolean copied = !follows.isDone() && here > 0 && here <= COPIED_BODY;
        ByteBuf out = loop.takeOut(client.channel.alloc(), copied ? here : 0);
        if (copied) {
            int taken = follows.take(in, ChunkTracker.Sink.NONE);
            out.writeBytes(in, taken);
        }
        client.write(out);
        unflushed = client;
        if (follows.isDone()) finish(carried);
    }

    private boolean readBody(ByteBuf in, Carry carried, Body present) throws RefusedException {
        ClientConnection client = carried.client();
        if (filter != null) {
            ByteBuf passed = filter.pass(in, carried.back(), loop);
            if (passed.isReadable()) client.write(passed);
            else passed.release();
        } else {
            int taken = present.take(in, ChunkTracker.Sink.NONE);
            client.write(in.readRetainedSlice(taken));
            if (taken >= Transport.LARGE_PIECE) client.flush();
        }
        unflushed = client;
        // a flush can end everything: the client may have gone
        if (carry != carried) return false;
        if (present.isDone()) finish(carried);
        return true;
    }

    private void finish(Carry carried) {
        boolean clear =
                body != null && !body.endsWithClose() && !carried.asked().isUpgrade();
        boolean clean = pending == null || !pending.isReadable();
        dropPending();
        keepReading(true);
        carried.answered(clear, reusable && clean && channel().isActive());
    }

    private void switchProtocols(RawResponse answer, Carry carried) throws RefusedException {
        if (!carried.switches(answer, this))
            throw new RefusedException(400, "it switches to a protocol nobody asked for");
        ByteBuf early = pending;
        pending = null;
        if (early == null) return;
        if (early.isReadable() && relay != null) relay.fromUpstream(early);
        else early.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (relay != null) relay.upstreamReadComplete();
        if (unflushed != null) loop.lateFlushes.add(unflushed.channel);
        unflushed = null;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (relay != null) relay.upstreamWritable();
        else if (carry != null && context.channel().isWritable()) carry.upstreamWritable();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && relay != null) relay.upstreamFinished();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        lease.disconnected(this);
        dropPending();
        Relay cut = relay;
        Carry left = carry;
        Body present = body;
        relay = null;
        if (cut != null) cut.upstreamClosed();
        if (left == null) return;
        if (present != null && present.endsWithClose()) {
            if (filter != null) left.client().write(filter.finish(left.back(), loop));
            left.answered(false, false);
        } else left.upstreamFailed(pooled ? "its kept connection was closed" : "it closed the connection");
    }

    /// A held-back part of an answer must not wait for ever.
    void tick(long now) {
        if (filter == null || carry == null) return;
        ClientConnection client = carry.client();
        ByteBuf late = filter.tick(carry.back(), loop);
        if (late.isReadable()) {
            client.write(late);
            client.flush();
        } else late.release();
    }

    private void dropPending() {
        if (pending != null) pending.release();
        pending = null;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // a reset between two looks at a socket shows as "not connected"
        if (!(cause instanceof IOException || cause instanceof NotYetConnectedException))
            log.error("a session's connection broke session={}", lease.key.session(), cause);
        context.close();
    }
}
