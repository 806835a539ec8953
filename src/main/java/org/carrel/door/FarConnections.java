package org.carrel.door;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;

/// Connections to sessions on other nodes, for one event loop of a gateway: a channel like that of a session on this
/// node, opened behind a preface and its answer. Only ever touched by its event loop.
public final class FarConnections {
    /// beyond that it is no cluster
    private static final int DOORS_MOST = 1_000;

    private final EventLoop loop;
    private final Class<? extends Channel> sockets;
    private final Tls tls;
    private final Map<SocketAddress, PeerConnection> byDoor = new HashMap<>();

    /// @param sockets class of TCP channels that fits the loop
    public FarConnections(EventLoop loop, Class<? extends Channel> sockets, Trust trust) {
        this.loop = loop;
        this.sockets = sockets;
        this.tls = Tls.client(trust.mutual(Role.ALL), Protocol.SESSION);
    }

    /// @param handler added when it is open; a channel's end, its half-closure and its back-pressure are as of a socket
    /// @return fails with `Refused` when the owner's door says no, with another exception when it can't be reached
    public Future<Channel> open(SocketAddress door, Preface preface, Duration patience, ChannelHandler handler) {
        if (byDoor.size() >= DOORS_MOST && !byDoor.containsKey(door))
            return loop.newFailedFuture(new IOException("more than " + DOORS_MOST + " doors"));
        PeerConnection connection =
                byDoor.computeIfAbsent(door, it -> new PeerConnection(loop, sockets, tls, Protocol.SESSION, it));
        Promise<Channel> opened = loop.newPromise();
        Knocking knocking = new Knocking(opened, handler);
        connection
                .open(Verb.SESSION.answers(), new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline().addLast(new StreamBytes(), knocking);
                    }
                })
                .addListener((Future<Channel> done) -> {
                    if (done.isSuccess()) knocking.knock(done.getNow(), preface, patience);
                    else opened.tryFailure(done.cause());
                });
        return opened;
    }

    /// Between the preface and its answer.
    private static final class Knocking extends ChannelInboundHandlerAdapter {
        private final Promise<Channel> opened;
        private final ChannelHandler handler;

        Knocking(Promise<Channel> opened, ChannelHandler handler) {
            this.opened = opened;
            this.handler = handler;
        }

        void knock(Channel stream, Preface preface, Duration patience) {
            ByteBuf bytes = stream.alloc().directBuffer(256);
            preface.write(bytes);
            stream.write(new DefaultHttp2HeadersFrame(
                    new DefaultHttp2Headers().method("CONNECT").authority("session")));
            stream.writeAndFlush(bytes);
            ScheduledFuture<?> late = stream.eventLoop()
                    .schedule(
                            () -> fail(stream, new IOException("no answer to the preface for " + patience)),
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS);
            opened.addListener(_ -> late.cancel(false));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf in = (ByteBuf) message;
            Optional<Status> status = Status.of(in.readUnsignedByte());
            if (status.isEmpty() || status.get() != Status.OPEN) {
                in.release();
                fail(context.channel(), new Refused(status.orElse(Status.BROKEN)));
                return;
            }
            context.pipeline().replace(this, null, handler);
            Channel stream = context.channel();
            // from here on it is the handler's; what came early goes to it after it was told
            if (!opened.trySuccess(stream)) {
                in.release();
                stream.close();
            } else if (in.isReadable())
                // what follows the byte in one frame: behind what took the frame apart
                stream.pipeline().context(StreamBytes.class).fireChannelRead(in);
            else in.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(context.channel(), new IOException("the door closed the connection"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(context.channel(), cause);
        }

        private void fail(Channel stream, Throwable cause) {
            if (opened.tryFailure(cause)) stream.close();
        }
    }

    public void close() {
        byDoor.values().forEach(PeerConnection::close);
        byDoor.clear();
    }
}
