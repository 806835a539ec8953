package org.carrel.front;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.carrel.domain.session.SessionId;
import org.carrel.door.Reach;
import org.carrel.door.Refused;
import org.carrel.door.Status;
import org.carrel.door.StreamBytes;
import org.carrel.port.Lease;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client of a front.
///
/// ```
/// Seeking (a copy is being tried, or it stands in line) -> Open -> Over
///        \-> Unavailable: greeted by us, its first command is answered so -> Over
/// ```
/// Belongs to the event loop of its client; what the front asks of it comes there.
final class FrontConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(FrontConnection.class);

    private enum Stage {
        SEEKING,
        OPEN,
        UNAVAILABLE,
        OVER
    }

    final InetSocketAddress from;
    final long since = System.nanoTime();
    private final Front front;
    private final Channel client;
    private final Reach reach;
    private final boolean tooMany;
    private final QapStream asked = new QapStream(0, this::asks);
    private final QapStream answered = new QapStream(Qap.GREETING_BYTES, this::answers);
    private final Set<SessionId> tried = new HashSet<>();
    private Stage stage = Stage.SEEKING;
    private @Nullable Copy copy;
    private @Nullable Lease lease;
    private @Nullable Channel server;
    private int outstanding;
    private long lastMove = since;
    /// what waits for the client, as last seen when that was too much
    private long piled;

    private long lastTaken = since;
    private boolean clientFinished;
    private boolean serverFinished;

    FrontConnection(Front front, Channel client, InetSocketAddress from, Reach reach, boolean tooMany) {
        this.front = front;
        this.client = client;
        this.from = from;
        this.reach = reach;
        this.tooMany = tooMany;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        // nothing it says matters before it is greeted
        client.config().setAutoRead(false);
        StreamBytes.allowHalfClosure(client);
        if (tooMany) refuse(Ended.PER_CLIENT);
        else front.seek(this, tried);
    }

    // ---- seeking

    boolean isSeeking() {
        return stage == Stage.SEEKING;
    }

    void onLoop(Runnable task) {
        client.eventLoop().execute(task);
    }

    /// It stood in line: every copy may be tried again.
    void tryAgain() {
        if (stage != Stage.SEEKING) {
            front.callNext();
            return;
        }
        tried.clear();
        front.seekFromLine(this);
    }

    void connect(Copy to, Copy.Leave leave) {
        if (stage != Stage.SEEKING) {
            front.left(to);
            return;
        }
        reach.open(leave.open(), leave.owner(), new FromServer()).addListener((Future<Channel> done) -> {
            if (!done.isSuccess()) {
                failed(to, done.cause());
            } else if (stage != Stage.SEEKING) {
                done.getNow().close();
                front.left(to);
            } else opened(to, leave.open().lease(), done.getNow());
        });
    }

    private void failed(Copy at, Throwable cause) {
        boolean full = cause instanceof Refused refused && refused.status() == Status.FULL;
        if (!full)
            log.info(
                    "copy not reached app={} session={} client={} cause=\"{}\"",
                    front.app(),
                    at.id,
                    from,
                    cause.getMessage());
        tried.add(at.id);
        front.failed(at, full);
        if (stage == Stage.SEEKING) front.seek(this, tried);
    }

    /// Nobody could give it a copy.
    void unavailable() {
        refuse(Ended.UNAVAILABLE);
    }

    private void refuse(Ended why) {
        if (stage != Stage.SEEKING) return;
        stage = Stage.UNAVAILABLE;
        front.counts.ended(why);
        log.info("no copy for it app={} client={} why=\"{}\"", front.app(), from, why.sentence());
        client.writeAndFlush(Qap.greeting());
        client.config().setAutoRead(true);
    }

    // ---- open

    private void opened(Copy at, Lease under, Channel to) {
        stage = Stage.OPEN;
        copy = at;
        lease = under;
        server = to;
        under.connections(1);
        StreamBytes.allowHalfClosure(to);
        front.opened();
        lastMove = System.nanoTime();
        client.config().setAutoRead(true);
    }

    private boolean asks(int command, long length, int id) {
        if (stage == Stage.UNAVAILABLE) {
            client.writeAndFlush(Qap.error(Qap.UNAVAILABLE, id)).addListener(_ -> client.close());
            return false;
        }
        if (Long.compareUnsigned(length, Qap.MESSAGE_MOST) > 0) {
            answerAndEnd(Qap.TOO_LARGE, id);
            return false;
        }
        if (Qap.isForbidden(command)) {
            front.counts.refusedCommands.increment();
            log.warn("command refused app={} client={} command=0x{}", front.app(), from, Integer.toHexString(command));
            // an answer in the middle of another would be taken for part of that
            if (outstanding > 0) end(Ended.PROTOCOL);
            else client.writeAndFlush(Qap.error(Qap.DISABLED, id));
            return false;
        }
        if (Qap.isRequest(command)) outstanding++;
        return true;
    }

    private void answerAndEnd(int status, int id) {
        if (outstanding == 0) client.writeAndFlush(Qap.error(status, id)).addListener(_ -> end(Ended.PROTOCOL));
        else end(Ended.PROTOCOL);
    }

    private boolean answers(int command, long length, int id) {
        if (Qap.isAnswer(command) && outstanding > 0) outstanding--;
        return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (stage == Stage.OVER || stage == Stage.SEEKING) {
            bytes.release();
            return;
        }
        lastMove = System.nanoTime();
        front.counts.fromClients.add(bytes.readableBytes());
        Lease held = lease;
        if (held != null) held.sawInput(bytes.readableBytes());
        asked.read(bytes, this::toServer);
    }

    private void toServer(ByteBuf bytes) {
        Channel to = server;
        if (to == null || stage != Stage.OPEN) {
            bytes.release();
            return;
        }
        to.write(bytes, to.voidPromise());
        if (to.isWritable()) return;
        to.flush();
        if (!to.isWritable()) client.config().setAutoRead(false);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        Channel to = server;
        if (to != null) to.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Channel to = server;
        if (to != null) to.config().setAutoRead(client.isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) return;
        clientFinished = true;
        lastMove = System.nanoTime();
        Channel to = server;
        if (to == null) client.close();
        else passEnd(to);
    }

    private void passEnd(Channel to) {
        StreamBytes.endOutput(to).addListener(_ -> {
            if (clientFinished && serverFinished) end(Ended.CLIENT);
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(Ended.CLIENT);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        client.close();
    }

    // ---- time

    void tick(long now) {
        if (stage == Stage.UNAVAILABLE && now - since > front.rules().patience().toNanos() + Front.LINGER_NANOS)
            client.close();
        Lease held = lease;
        if (stage != Stage.OPEN || held == null) return;
        // whoever has closed may still read the last answer, for a while
        if (clientFinished && now - lastMove > Front.LINGER_NANOS) end(Ended.CLIENT);
        else if (!held.stillAllowed()) end(Ended.STOPPED);
        else if (isStalled(now)) end(Ended.STALLED);
        else if (front.rules()
                .maxLife()
                .filter(most -> now - since > most.toNanos())
                .isPresent()) end(Ended.AGE);
        else if (outstanding == 0
                && front.rules()
                        .idle()
                        .filter(most -> now - lastMove > most.toNanos())
                        .isPresent()) end(Ended.IDLE);
    }

    /// Whether the client took not one byte for too long, of more than we hold for it.
    private boolean isStalled(long now) {
        long pile = client.isWritable() ? 0 : client.bytesBeforeWritable();
        if (pile == 0 || pile != piled) lastTaken = now;
        piled = pile;
        return now - lastTaken > front.rules().stall().toNanos();
    }

    void end(Ended why) {
        if (stage == Stage.OVER) return;
        Stage before = stage;
        stage = Stage.OVER;
        Channel to = server;
        server = null;
        if (to != null) to.close();
        // what was written to the client goes out first; who takes nothing would never let it end
        if (why == Ended.STALLED) client.close();
        else if (client.isActive()) client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> client.close());
        if (before != Stage.UNAVAILABLE) front.counts.ended(why);
        Lease held = lease;
        if (held != null) held.connections(-1);
        Copy at = copy;
        if (at != null) front.closed(at);
        if (why != Ended.CLIENT)
            log.info(
                    "connection ended app={} session={} client={} why=\"{}\"",
                    front.app(),
                    at == null ? "" : at.id,
                    from,
                    why.sentence());
        front.gone(this);
    }

    /// The other side.
    private final class FromServer extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            lastMove = System.nanoTime();
            front.counts.toClients.add(bytes.readableBytes());
            answered.read(bytes, this::toClient);
        }

        private void toClient(ByteBuf bytes) {
            client.write(bytes, client.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            client.flush();
            if (!client.isWritable()) context.channel().config().setAutoRead(false);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (stage == Stage.OPEN)
                client.config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (!(event instanceof ChannelInputShutdownEvent)) return;
            serverFinished = true;
            passEnd(client);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end(Ended.SERVER);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
