package org.carrel.door;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.session.Endpoint;
import org.carrel.door.DoorCounts.Turned;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Carrier;
import org.carrel.port.Lease;
import org.carrel.port.SocketOwner;
import org.carrel.trust.Peer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The owner's end of a connection to a session: reads the preface, asks the agent, connects to the workload, says
/// `OPEN`, and from then on passes bytes. Anything else is one status byte and the end.
final class SessionStream extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(SessionStream.class);

    private final Door door;
    private final Peer peer;
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private @Nullable ByteBuf early;
    private @Nullable ScheduledFuture<?> late;
    private boolean asked;
    private boolean closed;
    private boolean spliced;
    private volatile @Nullable Channel stream;
    private volatile @Nullable Lease lease;
    private boolean doubted;

    SessionStream(Door door, Peer peer) {
        this.door = door;
        this.peer = peer;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        stream = context.channel();
        late = context.channel()
                .eventLoop()
                .schedule(
                        () -> refuse(context, Status.BAD, Turned.PREFACE),
                        door.limits.preface().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (spliced) {
            context.fireChannelRead(message);
            return;
        }
        ByteBuf in = (ByteBuf) message;
        if (asked || closed) {
            // whoever doesn't wait for the answer may send as much as the stream's window holds
            waiting.add(in);
            return;
        }
        early = early == null ? in : joined(context, early, in);
        try {
            Optional<Preface> preface = Preface.read(early);
            preface.ifPresent(whole -> ask(context, whole));
        } catch (IOException senseless) {
            log.info("preface refused peer={} why=\"{}\"", peer.node(), senseless.getMessage());
            refuse(context, Status.BAD, Turned.PREFACE);
        }
    }

    /// Copied, because a preface may come byte by byte.
    private static ByteBuf joined(ChannelHandlerContext context, ByteBuf first, ByteBuf second) {
        ByteBuf both = context.alloc().buffer(first.readableBytes() + second.readableBytes());
        both.writeBytes(first).writeBytes(second);
        first.release();
        second.release();
        return both;
    }

    private void ask(ChannelHandlerContext context, Preface preface) {
        if (door.guard.objection(peer, Verb.SESSION).isPresent()) {
            refuse(context, Status.ROLE);
            return;
        }
        asked = true;
        if (late != null) late.cancel(false);
        context.channel().config().setAutoRead(false);
        Thread.ofVirtual().name("door-admit").start(() -> {
            try {
                Verdict verdict = door.admission.admit(preface.knock());
                switch (verdict) {
                    case Verdict.Open open -> opened(context, preface, open);
                    case Verdict.NotYet notYet -> later(context, Status.NOT_YET);
                    case Verdict.Gone gone -> later(context, Status.GONE);
                    case Verdict.Absent absent -> later(context, Status.ABSENT);
                    case Verdict.Unreachable elsewhere -> later(context, Status.ABSENT);
                }
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException broken) {
                log.error("admission broke session={} peer={}", preface.session(), peer.node(), broken);
                later(context, Status.BROKEN);
            }
        });
    }

    private void later(ChannelHandlerContext context, Status status) {
        onLoop(context, () -> refuse(context, status, Turned.ADMISSION));
    }

    /// Who may listen at its socket is looked up here, because event loops don't touch files.
    private void opened(ChannelHandlerContext context, Preface preface, Verdict.Open open) {
        if (!(open.carrier() instanceof Carrier.Near(Endpoint endpoint))) {
            // no node leads on to a third
            open.lease().close();
            later(context, Status.ABSENT);
            return;
        }
        try {
            Optional<SocketOwner> owner = SocketOwner.of(endpoint);
            if (!onLoop(context, () -> connect(context, preface, open, endpoint, owner)))
                open.lease().close();
        } catch (IOException gone) {
            open.lease().close();
            onLoop(context, () -> refuse(context, Status.SILENT, Turned.WORKLOAD));
        }
    }

    private void connect(
            ChannelHandlerContext context,
            Preface preface,
            Verdict.Open open,
            Endpoint endpoint,
            Optional<SocketOwner> owner) {
        lease = open.lease();
        if (closed) {
            open.lease().close();
            return;
        }
        door.open.add(this);
        // on the loop of this connection, which may be one of the gateway's
        boolean epoll = context.channel().parent() instanceof EpollSocketChannel;
        new WorkloadDial(
                        epoll,
                        context.channel().eventLoop(),
                        endpoint,
                        owner,
                        open.greeted(),
                        door.gates,
                        door.limits.connect())
                .dial(new WorkloadDial.Caller() {
                    @Override
                    public void connected(Channel workload, ByteBuf words) {
                        if (closed) {
                            words.release();
                            workload.close();
                        } else splice(context, workload, words);
                    }

                    @Override
                    public void full() {
                        refuse(context, Status.FULL, Turned.WORKLOAD);
                    }

                    @Override
                    public void foreign(String who) {
                        log.warn("foreign socket refused session={} peer=\"{}\"", preface.session(), who);
                        refuse(context, Status.FOREIGN, Turned.WORKLOAD);
                    }

                    @Override
                    public void silent(Throwable cause) {
                        refuse(context, Status.SILENT, Turned.WORKLOAD);
                    }
                });
    }

    private void splice(ChannelHandlerContext context, Channel workload, ByteBuf words) {
        spliced = true;
        Channel mine = context.channel();
        door.counts.opened.increment();
        mine.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
        mine.write(status(Status.OPEN));
        mine.writeAndFlush(words);
        StreamBytes.allowHalfClosure(mine);
        StreamBytes.allowHalfClosure(workload);
        if (early != null) waiting.addFirst(early);
        early = null;
        mine.pipeline().addLast(new Splice(workload));
        workload.pipeline().addLast(new Splice(mine));
        while (!waiting.isEmpty()) workload.write(waiting.poll());
        workload.flush();
        mine.config().setAutoRead(true);
        workload.config().setAutoRead(true);
    }

    private void refuse(ChannelHandlerContext context, Status status, Turned why) {
        if (closed || spliced) return;
        door.counts.turnedAway(why);
        refuse(context, status);
    }

    private void refuse(ChannelHandlerContext context, Status status) {
        closed = true;
        if (late != null) late.cancel(false);
        Channel mine = context.channel();
        mine.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
        mine.writeAndFlush(status(status)).addListener(_ -> StreamBytes.endOutput(mine));
        // the asker reads the byte and closes; if it doesn't, we do
        mine.eventLoop().schedule(() -> mine.close(), 1, TimeUnit.SECONDS);
    }

    private static ByteBuf status(Status status) {
        return Unpooled.wrappedBuffer(new byte[] {(byte) status.code()});
    }

    /// At every tick. Short answers of a session that is being stopped may still come to their end: it is hung up at
    /// the second look that finds it no longer allowed.
    /// @param due something may have changed
    void look(boolean due) {
        Lease held = lease;
        Channel mine = stream;
        if (held == null || mine == null || !(due || doubted)) return;
        if (held.stillAllowed()) doubted = false;
        else if (doubted) mine.eventLoop().execute(mine::close);
        else doubted = true;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed = true;
        if (late != null) late.cancel(false);
        if (early != null) early.release();
        early = null;
        while (!waiting.isEmpty()) waiting.poll().release();
        door.open.remove(this);
        Lease held = lease;
        if (held != null) held.close();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private static boolean onLoop(ChannelHandlerContext context, Runnable task) {
        try {
            context.channel().eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException closing) {
            return false;
        }
    }
}
