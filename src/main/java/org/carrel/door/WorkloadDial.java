package org.carrel.door;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.carrel.domain.session.Endpoint;
import org.carrel.port.Greeted;
import org.carrel.port.SocketOwner;
import org.jspecify.annotations.Nullable;

/// Connects to a workload of this node: waits a little while its queue is full, and hangs up when its socket is held by
/// somebody else. With a workload that speaks first it is connected when that has greeted. The channel isn't read until
/// whoever asked says so.
final class WorkloadDial {
    private static final int TRIES = 8;
    private static final long PAUSE_MILLIS = 50;

    /// Exactly one is called, on the event loop.
    interface Caller {
        /// @param early what it has said already; to be released
        void connected(Channel workload, ByteBuf early);

        /// it has as many connections as it may have
        void full();

        /// @param who listens there instead
        void foreign(String who);

        void silent(Throwable cause);
    }

    private final boolean epoll;
    private final EventLoop loop;
    private final Endpoint endpoint;
    private final Optional<SocketOwner> owner;
    private final Optional<Greeted> greeted;
    private final Gates gates;
    private final Duration patience;

    WorkloadDial(
            boolean epoll,
            EventLoop loop,
            Endpoint endpoint,
            Optional<SocketOwner> owner,
            Optional<Greeted> greeted,
            Gates gates,
            Duration patience) {
        this.greeted = greeted;
        this.gates = gates;
        this.epoll = epoll;
        this.loop = loop;
        this.endpoint = endpoint;
        this.owner = owner;
        this.patience = patience;
    }

    void dial(Caller caller) {
        if (greeted.isEmpty()) connect(TRIES, caller);
        else if (!gates.enter(endpoint, greeted.get().connections())) caller.full();
        else
            gates.inTurn(
                    endpoint,
                    () -> loop.execute(() -> connect(TRIES, new FirstWords(gates, endpoint, greeted.get(), caller))));
    }

    private void connect(int triesLeft, Caller caller) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .handler(new ChannelInboundHandlerAdapter())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) patience.toMillis());
        ChannelFuture connecting = switch (endpoint) {
            case Endpoint.Tcp(int port) ->
                bootstrap
                        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            case Endpoint.Unix(String path) ->
                bootstrap
                        .channel(epoll ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class)
                        .connect(epoll ? new DomainSocketAddress(path) : UnixDomainSocketAddress.of(path));
        };
        connecting.addListener(done -> {
            if (done.isSuccess()) check(connecting.channel(), caller);
            else if (isQueueFull(done.cause()) && triesLeft > 0)
                loop.schedule(() -> connect(triesLeft - 1, caller), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            else caller.silent(done.cause());
        });
    }

    private void check(Channel workload, Caller caller) {
        Optional<String> stranger = owner.flatMap(expected -> stranger(workload, expected));
        if (stranger.isEmpty()) caller.connected(workload, Unpooled.EMPTY_BUFFER);
        else {
            workload.close();
            caller.foreign(stranger.get());
        }
    }

    private static Optional<String> stranger(Channel connected, SocketOwner expected) {
        try {
            if (connected instanceof EpollDomainSocketChannel unix) {
                int uid = unix.peerCredentials().uid();
                return uid == expected.uid() ? Optional.empty() : Optional.of("uid " + uid);
            }
            var peer = connected.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
            if (peer == null) return Optional.of("unknown");
            return peer.user().equals(expected.user())
                    ? Optional.empty()
                    : Optional.of(peer.user().getName());
        } catch (IOException | RuntimeException untold) {
            return Optional.of("unknown: " + untold.getMessage());
        }
    }

    /// A unix socket whose backlog is full says so at once instead of making us wait.
    private static boolean isQueueFull(@Nullable Throwable cause) {
        String said = cause == null ? null : cause.getMessage();
        return said != null && said.contains("Resource temporarily unavailable");
    }
}
