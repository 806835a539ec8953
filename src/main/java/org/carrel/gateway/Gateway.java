package org.carrel.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.carrel.domain.route.Addresses;
import org.carrel.door.WebDoor;
import org.carrel.gateway.restart.Listening;
import org.carrel.gateway.restart.Parcel;
import org.carrel.gateway.restart.Sockets;
import org.carrel.port.Admission;
import org.carrel.port.Identities;
import org.carrel.port.Pages;
import org.carrel.port.Views;
import org.carrel.trust.Trust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listener for everything: pages, API and the traffic of sessions.
///
/// ```
/// open -> accept -> accepting -> close: accepts no more, lets requests in flight end until the deadline, closes the
/// rest
///                           \-> leave -> Departure: connections go to the gateway of another program -> close
/// ```
public final class Gateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);

    private final Services services;
    private final MultiThreadIoEventLoopGroup group;
    private final Map<EventExecutor, Loop> loops;
    private final List<Channel> listeners = new ArrayList<>();
    private Optional<LocalListener> local = Optional.empty();
    private boolean closed;

    private Gateway(Services services, MultiThreadIoEventLoopGroup group, Map<EventExecutor, Loop> loops) {
        this.services = services;
        this.group = group;
        this.loops = loops;
    }

    /// Loads what depends on no settings (the native library, the pool of buffers), so that `listen` takes less long.
    /// From any thread; to be called before root is given up, if at all, since its files may be closed to others.
    public static void prepare() {
        log.debug("gateway prepared transport={} buffers={}", Transport.best(true), ByteBufAllocator.DEFAULT);
    }

    /// Listens and accepts at once.
    /// @param addresses asked for every request, so that they can be reloaded
    /// @throws IOException when an address can't be bound; then nothing is left open
    public static Gateway listen(
            GatewaySettings settings,
            Supplier<Addresses> addresses,
            Identities identities,
            Views views,
            Admission admission,
            Pages pages,
            GatewayMetrics metrics)
            throws IOException {
        Gateway gateway =
                open(settings, List.of(), addresses, identities, views, admission, Optional.empty(), pages, metrics);
        gateway.accept();
        return gateway;
    }

    /// Listens, but lets whoever connects wait for `accept`.
    /// @param trust     by which sessions on other nodes are reached; empty where there is no cluster
    /// @param listening sockets made or received before, used where their addresses are wanted, else closed; the
    ///                  gateway's from now on, also when it fails
    public static Gateway open(
            GatewaySettings settings,
            List<Listening> listening,
            Supplier<Addresses> addresses,
            Identities identities,
            Views views,
            Admission admission,
            Optional<Trust> trust,
            Pages pages,
            GatewayMetrics metrics)
            throws IOException {
        // it samples buffers and costs 1 % of the CPU; tests switch it on
        if (System.getProperty("io.netty.leakDetection.level") == null)
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        Transport transport = Transport.best(settings.nativeEpoll());
        Services services = new Services(settings, addresses, identities, views, admission, trust, pages, metrics);
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(), new DefaultThreadFactory("gateway"), transport.handlers());
        Map<EventExecutor, Loop> loops = new IdentityHashMap<>();
        for (EventExecutor executor : group) loops.put(executor, new Loop((EventLoop) executor, services, transport));
        Gateway gateway = new Gateway(services, group, loops);
        List<Listening> unused = new ArrayList<>(listening);
        try {
            for (InetSocketAddress address : settings.listen()) {
                Optional<Listening> ready = unused.stream()
                        .filter(it -> transport == Transport.EPOLL && it.isAt(address))
                        .findFirst();
                ready.ifPresent(unused::remove);
                gateway.bind(address, ready, transport);
            }
            if (transport == Transport.EPOLL) gateway.local = settings.local().flatMap(gateway::openLocal);
        } catch (IOException unbound) {
            gateway.close();
            throw unbound;
        } finally {
            unused.forEach(Listening::close);
        }
        loops.values().forEach(Loop::startTicking);
        log.info("gateway listening addresses={} transport={} loops={}", gateway.addresses(), transport, loops.size());
        return gateway;
    }

    private void bind(InetSocketAddress address, Optional<Listening> ready, Transport transport) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channelFactory(() -> transport.server(ready.map(Listening::descriptor)))
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_BACKLOG, Listening.BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Transport.WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        welcome(channel);
                    }
                });
        var bound = (ready.isPresent() ? bootstrap.register() : bootstrap.bind(address)).awaitUninterruptibly();
        if (!bound.isSuccess())
            throw new IOException(
                    "can't listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
        listeners.add(bound.channel());
    }

    /// The portal is there without it: what hinders is said, and the command line needs a token then.
    private Optional<LocalListener> openLocal(Path path) {
        try {
            return Optional.of(LocalListener.open(path, group, channel -> loops.get(channel.eventLoop())));
        } catch (IOException | RuntimeException without) {
            log.warn("no local socket: commands here need a token path={} cause=\"{}\"", path, without.toString());
            return Optional.empty();
        }
    }

    private void welcome(Channel channel) {
        Loop loop = loops.get(channel.eventLoop());
        InetSocketAddress from = (InetSocketAddress) channel.remoteAddress();
        if (loop == null || from == null || services.isDraining() || !services.enter(from.getAddress())) {
            if (loop != null) Crowded.turnAway(loop, channel);
            else channel.close();
            return;
        }
        services.offerTls(channel);
        channel.pipeline().addLast(new ClientConnection(loop, channel, from.getAddress(), null));
    }

    /// Other nodes may enter by this listener too.
    public void leadTo(WebDoor door) {
        services.webDoor = Optional.of(door);
    }

    public void accept() {
        for (Channel listener : listeners) listener.config().setAutoRead(true);
        local.ifPresent(LocalListener::accept);
    }

    /// Second descriptors of what listens, owned by the caller.
    /// @throws IOException when they can't be had, with what to do
    public List<Listening> duplicates() throws IOException {
        List<Listening> duplicates = new ArrayList<>();
        for (Channel listener : listeners) {
            if (!(listener instanceof UnixChannel unix))
                throw new IOException("without native epoll sockets can't be handed over; stop and start instead");
            duplicates.add(new Listening(
                    (InetSocketAddress) listener.localAddress(),
                    Sockets.of(unix).getFirst()));
        }
        return duplicates;
    }

    /// Takes up a connection that another gateway gave away; any thread.
    public void adopt(Parcel parcel) {
        Loop loop = loops.get(group.next());
        if (loop == null || loop.transport != Transport.EPOLL) parcel.drop();
        else new Arrival(loop).take(parcel);
    }

    /// From now on nothing is accepted and no request begun here; whoever connects waits for the next gateway.
    /// @throws IOException when that isn't possible; then everything is as before
    public Departure leave() throws IOException {
        Departure departure = new Departure(this, duplicates());
        services.leave();
        for (Channel listener : listeners) listener.close().awaitUninterruptibly();
        local.ifPresent(LocalListener::close);
        return departure;
    }

    void sweep(Departure departure) {
        onLoops(loop -> loop.roster.each(connection -> connection.handOver(departure)));
    }

    /// where it listens first
    public InetSocketAddress address() {
        return addresses().getFirst();
    }

    public List<InetSocketAddress> addresses() {
        return listeners.stream()
                .map(listener -> (InetSocketAddress) listener.localAddress())
                .toList();
    }

    /// client connections open at the moment
    public int connections() {
        return services.connections();
    }

    /// bytes of direct memory its buffers hold, used or kept for use
    long pooledBytes() {
        return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider pool
                ? pool.metric().usedDirectMemory()
                : 0;
    }

    /// Closes what is kept for later requests; leases that are in use stay.
    void forgetIdle() {
        onLoops(loop -> loop.leases.endAll());
    }

    @Override
    public void close() {
        close(services.settings.drainDeadline());
    }

    /// @param patience for requests in flight
    public void close(Duration patience) {
        synchronized (this) {
            if (closed) return;
            closed = true;
        }
        long began = System.nanoTime();
        services.drain();
        for (Channel listener : listeners) listener.close().awaitUninterruptibly();
        local.ifPresent(LocalListener::close);
        // those connections never end by themselves, and nodes come again
        services.webDoor.ifPresent(WebDoor::close);
        onLoops(loop -> loop.roster.each(ClientConnection::drain));
        int left = awaitRequests(began, patience);
        onLoops(loop -> {
            loop.roster.each(connection -> connection.channel.close());
            loop.end();
        });
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(6, TimeUnit.SECONDS);
        log.info(
                "gateway closed cut_off={} took_ms={}", left, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }

    /// @return how many were still not answered at the deadline
    private int awaitRequests(long began, Duration patience) {
        while (true) {
            int left = services.connections();
            if (left == 0 || System.nanoTime() - began > patience.toNanos()) return left;
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
                return left;
            }
            onLoops(loop -> loop.roster.each(ClientConnection::drain));
        }
    }

    private void onLoops(java.util.function.Consumer<Loop> action) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (Loop loop : loops.values()) {
            if (loop.executor.isShuttingDown()) continue;
            done.add(CompletableFuture.runAsync(() -> action.accept(loop), loop.executor));
        }
        CompletableFuture.allOf(done.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, 5, TimeUnit.SECONDS)
                .join();
    }
}
