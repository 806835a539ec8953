package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;
import org.carrel.gateway.GatewayMetrics.Refusal;
import org.carrel.gateway.http1.Body;
import org.carrel.gateway.http1.ChunkTracker;
import org.carrel.gateway.http1.HeadEnd;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.gateway.http1.RefusedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection: cuts its bytes into requests, one after the other, and gives each to an exchange.
///
/// ```
/// HEAD --head read--> BODY --body read--> ANSWER --answered--> HEAD
///                       |                   +--protocol switched--> RELAY
///                       +--answered early, refused, last request--> LINGER (closed when the client took it all)
/// ```
/// Pipelined requests wait unread while one is answered. The end of a client's input means that it has gone: browsers
/// never half-close.
final class ClientConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final byte[] NOTHING = new byte[0];

    private enum Stage {
        HEAD,
        BODY,
        ANSWER,
        RELAY,
        LINGER
    }

    final Loop loop;
    final Channel channel;
    final InetAddress peer;
    final ProvenIdentity proven = new ProvenIdentity();
    int rosterPlace = -1;

    private final HeadEnd headEnd;
    private Stage stage = Stage.HEAD;
    private @Nullable ByteBuf pending;
    private byte[] head = NOTHING;
    private int headLength;
    private Body body = Body.none();
    private @Nullable Exchange exchange;
    private @Nullable Relay relay;
    private int requests;
    private boolean lastRequest;
    private boolean answerBegun;
    private boolean advancing;
    /// when this stage began, or when its last byte came
    private long since;
    private long waitingBytes;
    private long stalledSince;

    ClientConnection(Loop loop, Channel channel) {
        this.loop = loop;
        this.channel = channel;
        this.peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        this.headEnd = new HeadEnd(loop.services.limits.sizes().headBytes());
        this.since = loop.now;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        loop.roster.join(this);
        loop.services.metrics.connections(1);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        loop.services.metrics.bytes(in.readableBytes(), 0);
        // a head that drips in has one limit for all of it
        if (stage != Stage.HEAD || pending == null) since = loop.now;
        if (relay != null) relay.fromClient(in);
        else if (stage == Stage.LINGER) in.release();
        else {
            pending = Pending.join(channel.alloc(), pending, in);
            advance();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (relay != null) relay.clientReadComplete();
        else if (exchange != null) exchange.flush();
    }

    /// Goes as far as the bytes at hand allow.
    private void advance() {
        if (advancing) return;
        advancing = true;
        try {
            boolean moved = true;
            while (moved && pending != null && pending.isReadable())
                moved = switch (stage) {
                    // whoever doesn't take answers isn't asked for more: pipelined ones would pile up here
                    case HEAD -> channel.isWritable() && readHead(pending);
                    case BODY -> readBody(pending);
                    case ANSWER, RELAY, LINGER -> false;
                };
        } catch (RefusedException refused) {
            refuse(refused);
        } finally {
            advancing = false;
        }
        if (pending != null && !pending.isReadable()) dropPending();
        keepReading(stage == Stage.HEAD && channel.isWritable() || stage == Stage.LINGER || pending == null);
    }

    private boolean readHead(ByteBuf in) throws RefusedException {
        byte first = in.getByte(in.readerIndex());
        if (first < 'A' || first > 'Z') throw new RefusedException(400, "this is not HTTP");
        int length = headEnd.find(in);
        if (length < 0) return false;
        headEnd.reset();
        if (head.length < length) head = new byte[Math.max(512, length + 128)];
        in.readBytes(head, 0, length);
        headLength = length;
        lastRequest = true;
        answerBegun = false;
        RawRequest request = parsed();
        lastRequest = request.wantsClose()
                || loop.services.isDraining()
                || ++requests >= loop.services.limits.counts().requestsPerConnection();
        body = Body.of(request);
        // what is already here is checked before anybody behind us hears of this request
        if (request.isChunked()) Body.chunked().take(in, ChunkTracker.Sink.NONE);
        stage = request.hasBody() ? Stage.BODY : Stage.ANSWER;
        loop.reception.receive(this, request);
        return true;
    }

    /// The present request once more; positions hold until the next one is parsed on this loop.
    RawRequest parsed() throws RefusedException {
        loop.request.parse(head, headLength);
        return loop.request;
    }

    /// Like `parsed`, for a head that was already accepted.
    RawRequest parsedAgain() {
        try {
            return parsed();
        } catch (RefusedException impossible) {
            throw new IllegalStateException("a head that was accepted is now refused", impossible);
        }
    }

    private boolean readBody(ByteBuf in) throws RefusedException {
        Exchange taker = exchange;
        if (taker == null || !taker.wantsBody()) return false;
        if (taker.takesFraming()) {
            int taken = body.take(in, ChunkTracker.Sink.NONE);
            if (taken > 0) taker.body(in.readRetainedSlice(taken));
            if (exchange != taker) return true;
        } else {
            int taken = body.take(in, (data, from, length) -> taker.body(data.retainedSlice(from, length)));
            in.skipBytes(taken);
        }
        if (!body.isDone()) return true;
        if (stage == Stage.BODY) stage = Stage.ANSWER;
        taker.bodyEnded();
        return true;
    }

    /// An exchange that was waiting wants body bytes again.
    void resume() {
        if (!channel.isActive()) return;
        advance();
        if (exchange != null) exchange.flush();
    }

    void begin(Exchange begun) {
        exchange = begun;
    }

    boolean isServing(Exchange asked) {
        return exchange == asked;
    }

    boolean isLastRequest() {
        return lastRequest || loop.services.isDraining();
    }

    /// The whole of the request has been read.
    boolean isBodyRead() {
        return stage != Stage.BODY;
    }

    /// To be called before the first byte of a final answer.
    void answerBegins(int status) {
        answerBegun = true;
        loop.services.metrics.answered(status);
    }

    void write(ByteBuf bytes) {
        loop.services.metrics.bytes(0, bytes.readableBytes());
        channel.write(bytes, channel.voidPromise());
    }

    void flush() {
        channel.flush();
    }

    /// The exchange has written its whole answer.
    /// @param keep the answer's own end is clear without closing
    void answered(boolean keep) {
        exchange = null;
        since = loop.now;
        if (!keep || isLastRequest() || stage == Stage.BODY) {
            closeAfterFlush(stage != Stage.BODY && pending == null);
            return;
        }
        stage = Stage.HEAD;
        if (!advancing) advance();
    }

    /// From now on this connection isn't HTTP.
    void become(Relay begun) {
        exchange = null;
        relay = begun;
        stage = Stage.RELAY;
        head = NOTHING;
        keepReading(true);
        ByteBuf early = pending;
        pending = null;
        if (early == null) return;
        if (early.isReadable()) begun.fromClient(early);
        else early.release();
    }

    private void refuse(RefusedException refused) {
        loop.services.metrics.refused(reason(refused.status()));
        log.info(
                "request refused status={} why=\"{}\" from={}", refused.status(), refused.why(), peer.getHostAddress());
        fail(refused.status(), refused.why());
    }

    private static Refusal reason(int status) {
        return switch (status) {
            case 421 -> Refusal.HOST;
            case 403 -> Refusal.ORIGIN;
            case 431 -> Refusal.LIMIT;
            default -> Refusal.MALFORMED;
        };
    }

    /// Ends this connection with a status when one can still be sent.
    void fail(int status, String why) {
        if (exchange != null) {
            Exchange given = exchange;
            exchange = null;
            given.abandon();
        }
        lastRequest = true;
        if (answerBegun || stage == Stage.RELAY) {
            channel.close();
            return;
        }
        answerBegins(status);
        write(Answers.plain(loop, channel.alloc(), status, why));
        closeAfterFlush(false);
    }

    /// Closes when the client has taken everything. Closing with unread bytes would destroy the answer on its way.
    /// @param clean nothing more is expected from it; else what it still sends is read for 2 s
    void closeAfterFlush(boolean clean) {
        stage = Stage.LINGER;
        relay = null;
        dropPending();
        if (clean) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> channel.close());
            return;
        }
        keepReading(true);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            if (done.isSuccess() && channel instanceof DuplexChannel duplex) duplex.shutdownOutput();
            since = loop.now;
        });
    }

    void keepReading(boolean on) {
        if (channel.config().isAutoRead() != on && channel.isActive())
            channel.config().setAutoRead(on);
    }

    void tick(long now) {
        Limits.Silences silences = loop.services.limits.silences();
        long silent = now - since;
        if (isStalled(now)) {
            channel.close();
            return;
        }
        switch (stage) {
            case HEAD -> {
                if (pending != null && silent > silences.head().toNanos()) slow("the head took too long");
                else if (pending == null && (silent > silences.keepAlive().toNanos() || loop.services.isDraining()))
                    channel.close();
            }
            case BODY -> {
                boolean ours = exchange != null && !exchange.wantsBody();
                if (!ours && silent > silences.body().toNanos()) slow("the body took too long");
                else if (exchange != null) exchange.tick(now);
            }
            case ANSWER -> {
                if (exchange != null) exchange.tick(now);
            }
            case RELAY -> {
                if (relay != null) relay.tick(now);
            }
            case LINGER -> {
                if (silent > LINGER_NANOS && channel.isWritable()) channel.close();
            }
        }
    }

    private void slow(String why) {
        loop.services.metrics.refused(Refusal.SLOW);
        fail(408, why);
    }

    /// Bytes wait for the client, and it took none of them for too long.
    private boolean isStalled(long now) {
        var buffer = channel.unsafe().outboundBuffer();
        long waiting = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        if (waiting == 0 || waiting != waitingBytes) {
            waitingBytes = waiting;
            stalledSince = now;
            return false;
        }
        return now - stalledSince > loop.services.limits.silences().stall().toNanos();
    }

    /// No more requests; what is under way may end.
    void drain() {
        if (relay != null) relay.drain();
        else if (stage == Stage.HEAD && pending == null) channel.close();
        else if (exchange != null && exchange.isEndless()) channel.close();
    }

    boolean isBusy() {
        return stage == Stage.BODY || stage == Stage.ANSWER;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (relay != null) relay.clientWritable();
        else if (exchange != null) exchange.clientWritable();
        else if (stage == Stage.HEAD) advance();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && relay != null) relay.clientFinished();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        loop.roster.leave(this);
        loop.services.leave(peer);
        loop.services.metrics.connections(-1);
        Exchange left = exchange;
        Relay cut = relay;
        exchange = null;
        relay = null;
        stage = Stage.LINGER;
        dropPending();
        if (left != null) left.abandon();
        if (cut != null) cut.clientClosed();
    }

    private void dropPending() {
        if (pending != null) pending.release();
        pending = null;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // a reset between two looks at a socket shows as "not connected"
        if (!(cause instanceof IOException || cause instanceof NotYetConnectedException))
            log.error("a client's connection broke from={}", peer.getHostAddress(), cause);
        context.close();
    }
}
