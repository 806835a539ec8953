package org.carrel.door;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.node.NodeId;
import org.carrel.port.Admission;
import org.carrel.port.Views;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one port by which other nodes of the cluster reach this one: mutual TLS, then by ALPN the agent's interface or
/// connections to sessions. What a node may ask for is in its certificate (`Verb`). Every new connection to a session
/// is admitted by the agent, as at the node's own gateway.
///
/// What is open is looked at again every second when the view has changed, once a minute in any case.
public final class Door implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Door.class);
    private static final int BACKLOG = 1024;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);
    private static final int SHUTDOWN_SECONDS = 2;

    final DoorLimits limits;
    final Gates gates = new Gates();
    final DoorCounts counts = new DoorCounts();
    final Guard guard = new Guard(counts);
    final Tls tls;
    final Admission admission;
    final Calls calls;
    /// where this node makes others nodes; empty: nobody without a certificate gets past the handshake
    final Optional<JoinDesk> joins;
    final Map<NodeId, Integer> byPeer = new ConcurrentHashMap<>();
    final Set<SessionStream> open = ConcurrentHashMap.newKeySet();
    private final Views views;
    private final MultiThreadIoEventLoopGroup group;
    private final Channel listener;
    private long checkedVersion;
    private long checked = System.nanoTime();

    /// @param admission of this node's agent
    /// @param views     of this node's agent: what a look again is due by
    /// @throws IOException when the port is taken; the message says so
    public static Door open(
            InetSocketAddress address, DoorLimits limits, Trust trust, Admission admission, Views views, Calls calls)
            throws IOException {
        return new Door(address, limits, trust, admission, views, calls, Optional.empty());
    }

    /// @param joins for newcomers with a token, while this node has given out some
    public static Door open(
            InetSocketAddress address,
            DoorLimits limits,
            Trust trust,
            Admission admission,
            Views views,
            Calls calls,
            Optional<JoinDesk> joins)
            throws IOException {
        return new Door(address, limits, trust, admission, views, calls, joins);
    }

    private Door(
            InetSocketAddress address,
            DoorLimits limits,
            Trust trust,
            Admission admission,
            Views views,
            Calls calls,
            Optional<JoinDesk> joins)
            throws IOException {
        this.joins = joins;
        this.limits = limits;
        this.admission = admission;
        this.views = views;
        this.calls = calls;
        this.tls = Tls.server(trust.mutual(Role.ALL));
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.group = new MultiThreadIoEventLoopGroup(
                Runtime.getRuntime().availableProcessors(), new DefaultThreadFactory("door"), handlers);
        var bound = new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Arriving.welcome(Door.this, channel, counts.handshakes, limits.handshakes());
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(
                    "the door can't listen on " + address + ": " + bound.cause().getMessage());
        }
        listener = bound.channel();
        group.next().scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
        log.info("door open address={} node_id={} until={}", address(), trust.node(), trust.validUntil());
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    public Gates gates() {
        return gates;
    }

    public DoorCounts counts() {
        return counts;
    }

    private void tick() {
        long version = views.current().version();
        long now = System.nanoTime();
        boolean due = version != checkedVersion || now - checked > TimeUnit.SECONDS.toNanos(60);
        if (due) {
            checkedVersion = version;
            checked = now;
        }
        for (SessionStream stream : open) stream.look(due);
    }

    /// Takes a place for one more connection of this peer.
    boolean enter(NodeId peer) {
        int mine = byPeer.merge(peer, 1, Integer::sum);
        if (mine <= limits.connectionsPerPeer()) return true;
        leave(peer);
        return false;
    }

    void leave(NodeId peer) {
        byPeer.computeIfPresent(peer, (node, count) -> count > 1 ? count - 1 : null);
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        group.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(SHUTDOWN_SECONDS + 1, TimeUnit.SECONDS);
        log.info("door closed");
    }
}
