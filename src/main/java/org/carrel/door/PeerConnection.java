package org.carrel.door;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.carrel.port.DoorUrl;
import org.carrel.trust.Peer;
import org.carrel.trust.Role;
import org.jspecify.annotations.Nullable;

/// The one connection of one event loop to one other node's door, for one protocol: opened when first needed, opened
/// again after it broke. A silent one is asked, and closed when it stays silent. Only ever touched by its event loop.
final class PeerConnection {
    /// whose door it is
    private static final AttributeKey<Peer> PEER = AttributeKey.valueOf("carrel.peer");

    /// as what this node was seen there
    private static final AttributeKey<Set<Role>> SHOWN = AttributeKey.valueOf("carrel.shown");

    private static final int CONNECT_MILLIS = 3_000;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

    private final EventLoop loop;
    private final Class<? extends Channel> sockets;
    private final Tls tls;
    private final Protocol protocol;
    private final SocketAddress door;
    private @Nullable Promise<Channel> present;

    /// @param sockets class of TCP channels that fits the loop
    PeerConnection(EventLoop loop, Class<? extends Channel> sockets, Tls tls, Protocol protocol, SocketAddress door) {
        this.loop = loop;
        this.sockets = sockets;
        this.tls = tls;
        this.protocol = protocol;
        this.door = door;
    }

    /// @param answers roles of which whoever answers there must have one
    /// @param handler put on the new stream
    Future<Channel> open(Set<Role> answers, ChannelHandler handler) {
        Promise<Channel> opened = loop.newPromise();
        connection().addListener((Future<Channel> connected) -> {
            if (!connected.isSuccess()) opened.tryFailure(connected.cause());
            else if (!connected.getNow().attr(PEER).get().hasAny(answers))
                opened.tryFailure(new OtherRole(
                        "the node at " + door + " hasn't the role " + Verb.words(answers) + " in its certificate"));
            else
                new Http2StreamChannelBootstrap(connected.getNow())
                        .handler(handler)
                        .open()
                        .addListener((Future<Http2StreamChannel> done) -> {
                            if (!done.isSuccess()) {
                                // it has no more streams to give; those it gave go on
                                if (present == connected) present = null;
                                opened.tryFailure(done.cause());
                            } else if (!opened.trySuccess(done.getNow()))
                                done.getNow().close();
                        });
        });
        return opened;
    }

    void close() {
        Promise<Channel> left = present;
        present = null;
        if (left != null)
            left.addListener((Future<Channel> done) -> {
                if (done.isSuccess()) done.getNow().close();
            });
    }

    private Promise<Channel> connection() {
        Promise<Channel> known = present;
        if (known != null && !known.isDone()) return known;
        if (known != null && isOpen(known)) {
            if (known.getNow().attr(SHOWN).get().equals(tls.roles())) return known;
            // it got other roles: the other side must see its present certificate
            known.getNow().close();
        }
        Promise<Channel> fresh = loop.newPromise();
        present = fresh;
        if (door instanceof DoorUrl url) lookUp(url, fresh);
        else
            dial(
                    door,
                    new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            greet(channel, fresh);
                        }
                    },
                    fresh);
        return fresh;
    }

    /// Names are looked up elsewhere: that blocks.
    private void lookUp(DoorUrl url, Promise<Channel> fresh) {
        Thread.ofVirtual().name("door-look-up").start(() -> {
            InetSocketAddress proxy = new InetSocketAddress(url.host(), url.port());
            if (proxy.isUnresolved()) {
                fresh.tryFailure(new IOException("no way to the door " + url + ": there is no host of that name"));
                return;
            }
            try {
                loop.execute(() -> dial(proxy, new WebWay(url, fresh, channel -> greet(channel, fresh)), fresh));
            } catch (RejectedExecutionException closing) {
                // nobody waits any more
            }
        });
    }

    private void greet(Channel channel, Promise<Channel> fresh) {
        SslHandler handler = tls.handler(door);
        channel.pipeline().addLast(handler, new Greeting(handler, fresh));
    }

    private void dial(SocketAddress to, ChannelHandler first, Promise<Channel> fresh) {
        new Bootstrap()
                .group(loop)
                .channel(sockets)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(first)
                .connect(to)
                .addListener(done -> {
                    if (!done.isSuccess())
                        fresh.tryFailure(new IOException("no connection to the door " + door + ": "
                                + done.cause().getMessage()));
                });
    }

    private static boolean isOpen(Promise<Channel> done) {
        return done.isSuccess() && done.getNow().isActive();
    }

    private final class Greeting extends ChannelInboundHandlerAdapter {
        private final SslHandler handler;
        private final Promise<Channel> greeted;
        private final Set<Role> shown = tls.roles();

        Greeting(SslHandler handler, Promise<Channel> greeted) {
            this.handler = handler;
            this.greeted = greeted;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Http2Exception {
            if (!(event instanceof SslHandshakeCompletionEvent shaken)) {
                context.fireUserEventTriggered(event);
                return;
            }
            if (!shaken.isSuccess()) {
                fail(context, "no handshake: " + shaken.cause().getMessage());
                return;
            }
            Optional<Peer> peer = tls.peer(handler);
            if (peer.isEmpty() || !protocol.alpn().equals(Tls.agreed(handler).orElse(""))) {
                fail(context, peer.isEmpty() ? "its certificate is refused" : "it doesn't speak " + protocol.alpn());
                return;
            }
            Channel channel = context.channel();
            channel.attr(PEER).set(peer.get());
            channel.attr(SHOWN).set(shown);
            tls.watch(channel, peer.get());
            Pulse.install(channel.pipeline());
            Multiplexing.client(channel, new ChannelInboundHandlerAdapter());
            channel.pipeline().remove(this);
            greeted.trySuccess(channel);
        }

        private void fail(ChannelHandlerContext context, String why) {
            greeted.tryFailure(new IOException("the door " + door + " can't be entered: " + why));
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(context, "it hung up");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(context, String.valueOf(cause.getMessage()));
        }
    }
}
