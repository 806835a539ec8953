package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.carrel.door.WebDoor;
import org.carrel.gateway.GatewayMetrics.Refusal;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.gateway.http1.RefusedException;
import org.carrel.gateway.restart.Message.Kept;
import org.carrel.gateway.tls.Tls;
import org.carrel.port.Identities.Identity.Known;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection: takes its requests, one after the other, and gives each to an exchange.
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
    /// who is there whatever a request says, on the node's own socket
    final @Nullable Known local;

    final ProvenIdentity proven = new ProvenIdentity();
    int rosterPlace = -1;

    private final RequestReader reader;
    private final Stall stall = new Stall();
    private Stage stage = Stage.HEAD;
    private @Nullable Exchange exchange;
    private @Nullable Relay relay;
    private int requests;
    private boolean encrypted;
    private boolean lastRequest;
    private boolean answerBegun;
    private boolean advancing;
    /// when this stage began, or when its last byte came
    private long since;

    ClientConnection(Loop loop, Channel channel, InetAddress peer, @Nullable Known local) {
        this.loop = loop;
        this.channel = channel;
        this.peer = peer;
        this.local = local;
        this.reader = new RequestReader(loop, channel.alloc());
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
        if (stage != Stage.HEAD || reader.isEmpty()) since = loop.now;
        if (relay != null) relay.fromClient(in);
        else if (stage == Stage.LINGER) in.release();
        else {
            reader.put(in);
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
            while (moved && reader.hasBytes())
                moved = switch (stage) {
                    // whoever doesn't take answers isn't asked for more: pipelined ones would pile up here
                    case HEAD -> mayBegin() && readHead();
                    case BODY -> readBody();
                    case ANSWER, RELAY, LINGER -> false;
                };
        } catch (RefusedException refused) {
            refuse(refused);
        } finally {
            advancing = false;
        }
        reader.tidy();
        keepReading(stage == Stage.HEAD && mayBegin() || stage == Stage.LINGER || reader.isEmpty());
    }

    /// What comes in while the gateway leaves waits for the next one. What had begun a moment before, on a connection
    /// that can go there, is answered as ever.
    private boolean mayBegin() {
        return channel.isWritable() && (!loop.services.isLeaving() || Tls.isOn(channel));
    }

    /// The gateway leaves and can't give this connection to the next one, since it is encrypted: what comes in on it is
    /// sent there instead.
    boolean isLeftBehind() {
        return Tls.isOn(channel) && loop.services.isLeaving();
    }

    private boolean readHead() throws RefusedException {
        if (!reader.takeHead()) return false;
        lastRequest = true;
        answerBegun = false;
        RawRequest request = reader.parsed();
        if (requests == 0) encrypted = Tls.isOn(channel);
        lastRequest = request.wantsClose()
                || loop.services.isDraining()
                || isLeftBehind()
                || ++requests >= loop.services.limits.counts().requestsPerConnection();
        reader.beginBody(request);
        stage = request.hasBody() ? Stage.BODY : Stage.ANSWER;
        loop.reception.receive(this, request);
        return true;
    }

    /// The present request once more; positions hold until the next one is parsed on this loop.
    RawRequest parsedAgain() {
        try {
            return reader.parsed();
        } catch (RefusedException impossible) {
            throw new IllegalStateException("a head that was accepted is now refused", impossible);
        }
    }

    private boolean readBody() throws RefusedException {
        Exchange taker = exchange;
        if (taker == null || !taker.wantsBody()) return false;
        boolean ended = reader.giveBody(taker);
        if (!ended || exchange != taker) return true;
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

    /// The browser's bytes come encrypted; known from the first of them on.
    boolean isEncrypted() {
        return encrypted;
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
            closeAfterFlush(stage != Stage.BODY && reader.isEmpty());
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
        keepReading(true);
        ByteBuf early = reader.takeRest();
        if (early.isReadable()) begun.fromClient(early);
        else early.release();
    }

    /// From now on this connection is a door's, and of the gateway's only its place among those that are open.
    /// @param head that the client waits for
    void enter(WebDoor door, String head) {
        loop.roster.leave(this);
        channel.closeFuture().addListener(_ -> {
            loop.services.leave(peer);
            loop.services.metrics.connections(-1);
        });
        answerBegins(101);
        write(ByteBufUtil.writeAscii(channel.alloc(), head));
        flush();
        stage = Stage.RELAY;
        ChannelHandlerContext context = channel.pipeline().context(this);
        door.welcome(channel);
        ByteBuf early = reader.takeRest();
        if (early.isReadable()) context.fireChannelRead(early);
        else early.release();
        context.fireChannelReadComplete();
        channel.pipeline().remove(this);
    }

    private void refuse(RefusedException refused) {
        loop.services.metrics.refused(Refusal.of(refused.status()));
        log.info(
                "request refused status={} why=\"{}\" from={}", refused.status(), refused.why(), peer.getHostAddress());
        fail(refused.status(), refused.why());
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
        reader.drop();
        if (clean) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> channel.close());
            return;
        }
        keepReading(true);
        Tls.finishOutput(channel).addListener(done -> since = loop.now);
    }

    void keepReading(boolean on) {
        if (channel.config().isAutoRead() != on && channel.isActive())
            channel.config().setAutoRead(on);
    }

    void tick(long now) {
        Limits.Silences silences = loop.services.limits.silences();
        long silent = now - since;
        if (stall.isOver(silences.stall().toNanos(), channel, now)) {
            channel.close();
            return;
        }
        switch (stage) {
            case HEAD -> {
                if (!reader.isEmpty() && silent > silences.head().toNanos()) slow("the head took too long");
                else if (reader.isEmpty() && (silent > silences.keepAlive().toNanos() || loop.services.isDraining()))
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

    /// Something may have been revoked: what goes on is looked at again.
    void recheck() {
        if (relay != null) relay.recheck();
        else if (exchange != null) exchange.recheck();
    }

    private void slow(String why) {
        loop.services.metrics.refused(Refusal.SLOW);
        fail(408, why);
    }

    /// No more requests; what is under way may end.
    void drain() {
        if (relay != null) relay.drain();
        else if (stage == Stage.HEAD && reader.isEmpty()) channel.close();
        else if (exchange != null && exchange.isEndless()) channel.close();
    }

    /// Gives this connection away, when nothing is under way on it; to be called again until it is gone.
    void handOver(Departure to) {
        if (!channel.isActive()) return;
        if (relay != null) relay.handOver(to);
        else if (stage == Stage.HEAD) handOverKept(to);
        else if (exchange != null && exchange.carriedFor().isEmpty()) {
            if (exchange.isEndless() || to.isPagesOver()) channel.close(); // browsers begin event streams again
            else to.waitForPage();
        }
        Relay staying = relay;
        Exchange going = exchange;
        if (!channel.isActive()) return;
        if (staying != null) to.staysFor(staying.carriedFor());
        else if (going != null) going.carriedFor().ifPresent(to::staysFor);
    }

    private void handOverKept(Departure to) {
        if (local != null) { // commands ask once; the next one finds the next gateway
            channel.close();
            return;
        }
        if (Tls.isOn(channel)) {
            // one that has just been made is about to be used
            if (reader.isEmpty() && loop.now - since > LINGER_NANOS) channel.close();
            return;
        }
        byte[] early = reader.waitingBytes();
        if (early.length > Departure.EARLY_BYTES) {
            fail(431, "the head is too long to be handed over; try again");
            return;
        }
        if (to.give(new Kept(early), channel)) channel.close();
    }

    /// Goes on where another gateway left it.
    void takeUp(byte[] early) {
        if (early.length == 0) return;
        channel.pipeline()
                .fireChannelRead(channel.alloc().directBuffer(early.length).writeBytes(early));
        channel.pipeline().fireChannelReadComplete();
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
        reader.drop();
        if (left != null) left.abandon();
        if (cut != null) cut.clientClosed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof DecoderException undecoded && undecoded.getCause() instanceof SSLException) {
            loop.services.metrics.refused(Refusal.TLS);
            log.debug(
                    "handshake failed from={} why=\"{}\"",
                    peer.getHostAddress(),
                    undecoded.getCause().getMessage());
            context.close();
            return;
        }
        // a reset between two looks at a socket shows as "not connected"
        if (!(cause instanceof IOException || cause instanceof NotYetConnectedException))
            log.error("a client's connection broke from={}", peer.getHostAddress(), cause);
        context.close();
    }
}
