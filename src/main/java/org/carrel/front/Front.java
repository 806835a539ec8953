package org.carrel.front;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.FrontRules;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.door.Reach;
import org.carrel.port.Admission;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Carrier;
import org.carrel.port.Knock;
import org.carrel.port.OtherNode;
import org.carrel.port.SocketOwner;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One port. Chooses copies and keeps the line; each connection does the rest on its own event loop.
final class Front implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Front.class);
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 * 1024, 512 * 1024);
    private static final int BACKLOG = 1024;
    /// of one front, served or waiting
    private static final int CONNECTIONS_MOST = 20_000;
    /// a copy that had no room is asked again so soon
    private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /// one that could not be reached
    private static final long FAILED_NANOS = TimeUnit.SECONDS.toNanos(1);
    /// how long who was told that nothing is available, or has closed its half, may take for the rest
    static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(10);

    // a peer that is gone without a word is known after two minutes, and no middle box forgets a quiet one
    private static final int KEEP_IDLE_SECONDS = 60;
    private static final int KEEP_INTERVAL_SECONDS = 15;
    private static final int KEEP_TRIES = 4;

    private final AppId app;
    private final FrontRules rules;
    private final Views views;
    private final Admission admission;
    private final Function<Channel, Reach> reaches;
    private final Channel listener;
    private final Map<SessionId, Copy> copies = new HashMap<>();
    private final Deque<FrontConnection> line = new ArrayDeque<>();
    private final Set<FrontConnection> all = ConcurrentHashMap.newKeySet();
    private final Map<InetAddress, Integer> byClient = new ConcurrentHashMap<>();
    private View seen = View.EMPTY;
    final FrontCounts counts;

    /// @param address where it listens
    /// @param reaches that of the event loop of a channel
    /// @throws IOException when the port is taken
    Front(
            AppId app,
            FrontRules rules,
            InetSocketAddress address,
            FrontCounts counts,
            Views views,
            Admission admission,
            EventLoopGroup group,
            boolean epoll,
            Function<Channel, Reach> reaches)
            throws IOException {
        this.app = app;
        this.rules = rules;
        this.counts = counts;
        this.views = views;
        this.admission = admission;
        this.reaches = reaches;
        ServerBootstrap bootstrap = new ServerBootstrap()
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
                        welcome(channel);
                    }
                });
        if (epoll)
            bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, KEEP_IDLE_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, KEEP_INTERVAL_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPCNT, KEEP_TRIES);
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess())
            throw new IOException(
                    "can't listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
        listener = bound.channel();
        log.info("front listening app={} address={} allow={}", app, address(), rules.allow());
    }

    AppId app() {
        return app;
    }

    FrontRules rules() {
        return rules;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    // ---- who comes

    private void welcome(Channel channel) {
        InetSocketAddress from = (InetSocketAddress) channel.remoteAddress();
        if (from == null || !isAllowed(from.getAddress())) {
            turnAway(channel, from, Ended.ADDRESS);
            return;
        }
        if (all.size() >= CONNECTIONS_MOST) {
            turnAway(channel, from, Ended.CROWDED);
            return;
        }
        int ofClient = byClient.merge(from.getAddress(), 1, Integer::sum);
        // who is refused in the server's words holds a connection meanwhile: as many again, and no more
        if (ofClient > 2 * rules.perClient()) {
            leaves(from);
            turnAway(channel, from, Ended.PER_CLIENT);
            return;
        }
        boolean tooMany = ofClient > rules.perClient();
        FrontConnection connection = new FrontConnection(this, channel, from, reaches.apply(channel), tooMany);
        all.add(connection);
        channel.pipeline().addLast(connection);
    }

    private void leaves(InetSocketAddress from) {
        byClient.computeIfPresent(from.getAddress(), (_, many) -> many > 1 ? many - 1 : null);
    }

    private void turnAway(Channel channel, InetSocketAddress from, Ended why) {
        counts.ended(why);
        log.warn("connection refused app={} client={} why=\"{}\"", app, from, why.sentence());
        channel.close();
    }

    private boolean isAllowed(InetAddress from) {
        return from.isLoopbackAddress()
                || rules.allow().stream().anyMatch(network -> network.contains(from.getAddress()));
    }

    // ---- which copy

    /// For one that has just come, or whose copy took it not.
    /// @param tried not again
    void seek(FrontConnection connection, Set<SessionId> tried) {
        Optional<Copy> copy;
        synchronized (this) {
            copy = line.isEmpty() || !tried.isEmpty() ? choose(tried) : Optional.empty();
            if (copy.isEmpty()) {
                if (line.size() < rules.waiting()) {
                    line.add(connection);
                    counts.waiting.set(line.size());
                    return;
                }
            }
        }
        copy.ifPresentOrElse(found -> lead(connection, found), connection::unavailable);
    }

    /// For the first in line; else it goes back there.
    void seekFromLine(FrontConnection connection) {
        Optional<Copy> copy;
        synchronized (this) {
            copy = choose(Set.of());
            if (copy.isEmpty()) {
                line.addFirst(connection);
                counts.waiting.set(line.size());
                return;
            }
        }
        lead(connection, copy.get());
        callNext();
    }

    /// The one with the fewest of our connections.
    private Optional<Copy> choose(Set<SessionId> tried) {
        refresh();
        long now = System.nanoTime();
        Optional<Copy> best = copies.values().stream()
                .filter(copy ->
                        !tried.contains(copy.id) && copy.connections < rules.connections() && now - copy.notBefore >= 0)
                .min(Comparator.comparingInt(copy -> copy.connections));
        best.ifPresent(copy -> copy.connections++);
        return best;
    }

    private void refresh() {
        View view = views.current();
        if (view == seen) return;
        seen = view;
        Set<SessionId> ready = new java.util.HashSet<>();
        for (Session session : view.sessions().values())
            if (ServiceKeys.isService(session.key())
                    && session.app().equals(app)
                    && session.state() instanceof SessionState.Ready
                    && takesMore(session, view)) ready.add(session.id());
        copies.values().removeIf(copy -> !ready.contains(copy.id) && copy.connections == 0);
        for (SessionId id : ready) copies.computeIfAbsent(id, Copy::new);
        // one that went while connections are on it gets no more
        for (Copy copy : copies.values())
            if (!ready.contains(copy.id)) copy.notBefore = System.nanoTime() + TimeUnit.DAYS.toNanos(1);
    }

    private static boolean takesMore(Session session, View view) {
        OtherNode other = view.others().get(session.node());
        if (other != null) return other.state() == OtherNode.State.UP || other.state() == OtherNode.State.JOINING;
        return view.nodes().stream().noneMatch(node -> node.name().equals(session.node()) && node.draining());
    }

    private void lead(FrontConnection connection, Copy copy) {
        Copy.Leave known = copy.leave;
        if (known != null && known.open().lease().stillAllowed()) {
            connection.onLoop(() -> connection.connect(copy, known));
            return;
        }
        Thread.ofVirtual().name("front-admit").start(() -> admit(connection, copy));
    }

    private void admit(FrontConnection connection, Copy copy) {
        try {
            Principal service = new Principal(UserId.ofService(app.value()), Set.of(), Set.of(Scope.USE));
            Verdict verdict = admission.admit(new Knock(copy.id, service, Knock.Traffic.TCP));
            if (verdict instanceof Verdict.Open open) {
                Copy.Leave leave = keep(copy, new Copy.Leave(open, owner(open)));
                connection.onLoop(() -> connection.connect(copy, leave));
                return;
            }
            log.info("copy not open app={} session={} verdict={}", app, copy.id, verdict);
        } catch (IOException gone) {
            log.info("copy not open app={} session={} cause=\"{}\"", app, copy.id, gone.toString());
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
        failed(copy, false);
        connection.onLoop(() -> {
            if (connection.isSeeking()) seek(connection, Set.of(copy.id));
        });
    }

    private static Optional<SocketOwner> owner(Verdict.Open open) throws IOException {
        return open.carrier() instanceof Carrier.Near(var endpoint) ? SocketOwner.of(endpoint) : Optional.empty();
    }

    /// Two may have asked at once; then the first answer stays.
    private synchronized Copy.Leave keep(Copy copy, Copy.Leave fresh) {
        Copy.Leave known = copy.leave;
        if (known != null && known.open().lease().stillAllowed()) {
            fresh.open().lease().close();
            return known;
        }
        if (known != null) known.open().lease().close();
        copy.leave = fresh;
        return fresh;
    }

    // ---- what became of it

    void opened() {
        counts.open.incrementAndGet();
        counts.served.increment();
    }

    void closed(Copy copy) {
        counts.open.decrementAndGet();
        left(copy);
    }

    /// A place that was taken for a connection is free again.
    void left(Copy copy) {
        synchronized (this) {
            copy.connections--;
        }
        callNext();
    }

    /// @param full it has as many as it may have, with those of other gateways
    void failed(Copy copy, boolean full) {
        synchronized (this) {
            copy.connections--;
            copy.notBefore = System.nanoTime() + (full ? FULL_NANOS : FAILED_NANOS);
        }
        counts.elsewhere.increment();
    }

    /// There may be room for the first in line.
    void callNext() {
        FrontConnection next;
        synchronized (this) {
            next = line.poll();
            counts.waiting.set(line.size());
        }
        if (next != null) next.onLoop(next::tryAgain);
    }

    void gone(FrontConnection connection) {
        if (all.remove(connection)) leaves(connection.from);
        synchronized (this) {
            if (line.remove(connection)) counts.waiting.set(line.size());
        }
    }

    // ---- time

    /// Often: who waits is called, or has waited long enough.
    void tick(long now) {
        List<FrontConnection> late = new ArrayList<>();
        synchronized (this) {
            long patience = rules.patience().toNanos();
            while (!line.isEmpty() && now - line.peek().since > patience) late.add(line.poll());
            counts.waiting.set(line.size());
        }
        late.forEach(connection -> connection.onLoop(connection::unavailable));
        callNext();
        for (FrontConnection connection : all) connection.onLoop(() -> connection.tick(now));
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        for (FrontConnection connection : all) connection.onLoop(() -> connection.end(Ended.CLOSING));
        synchronized (this) {
            for (Copy copy : copies.values()) {
                Copy.Leave leave = copy.leave;
                if (leave != null) leave.open().lease().close();
            }
        }
        log.info("front closed app={}", app);
    }
}
