package org.carrel.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.carrel.domain.session.Endpoint;
import org.carrel.port.SocketOwner;

/// How sockets are made: native epoll where it can be had, else what the JDK offers.
enum Transport {
    EPOLL,
    NIO;

    /// Over the upper mark the other side isn't read; below the lower one it is again. A full read (64 KiB) must fit
    /// below, or each one would stop and start the reading: two system calls.
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 192 * 1024);

    /// A piece of a body from here on is sent at once, while it is in the processor's cache.
    static final int LARGE_PIECE = 32 * 1024;

    private static final ChannelOption<UnixDomainPrincipal> PEER =
            NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED);

    static Transport best(boolean epollWanted) {
        return epollWanted && Epoll.isAvailable() ? EPOLL : NIO;
    }

    IoHandlerFactory handlers() {
        return this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    /// @param listening descriptor of a socket that listens already; only with epoll
    ServerChannel server(Optional<Integer> listening) {
        if (this == NIO) return new NioServerSocketChannel();
        return listening.map(EpollServerSocketChannel::new).orElseGet(EpollServerSocketChannel::new);
    }

    /// Connects to a session on the event loop of the client it is for.
    ChannelFuture connect(EventLoop loop, Endpoint endpoint, Duration patience, ChannelHandler handler) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .handler(handler)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) patience.toMillis());
        return switch (endpoint) {
            case Endpoint.Tcp tcp ->
                bootstrap
                        .channel(tcp())
                        .option(ChannelOption.TCP_NODELAY, true)
                        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.port()));
            case Endpoint.Unix unix -> bootstrap.channel(unix()).connect(unixAddress(unix.path()));
        };
    }

    /// Looks who listens at the other end of a session's socket; see `SocketOwner`.
    /// @return who it is when it isn't the one it should be, or nobody can tell
    static Optional<String> stranger(Channel connected, SocketOwner expected) {
        try {
            if (connected instanceof EpollDomainSocketChannel unix) {
                int uid = unix.peerCredentials().uid();
                return uid == expected.uid() ? Optional.empty() : Optional.of("uid " + uid);
            }
            UnixDomainPrincipal peer = connected.config().getOption(PEER);
            if (peer == null) return Optional.of("unknown");
            return peer.user().equals(expected.user())
                    ? Optional.empty()
                    : Optional.of(peer.user().getName());
        } catch (IOException | RuntimeException untold) {
            return Optional.of("unknown: " + untold.getMessage());
        }
    }

    Class<? extends Channel> tcp() {
        return this == EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    private Class<? extends Channel> unix() {
        return this == EPOLL ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class;
    }

    private SocketAddress unixAddress(String path) {
        return this == EPOLL ? new DomainSocketAddress(path) : UnixDomainSocketAddress.of(path);
    }
}
