package org.carrel.front;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.FrontRules;
import org.carrel.domain.app.Service;
import org.carrel.door.Gates;
import org.carrel.door.Reach;
import org.carrel.port.Admission;
import org.carrel.port.Catalogue;
import org.carrel.port.Views;
import org.carrel.trust.Trust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has a front for each app of the present catalogue that wants one. Followed as the catalogue changes: a port that is
/// new is opened and one that is wanted no more is closed, with its connections, within a second.
public final class Fronts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Fronts.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final long TICK_MILLIS = 100;
    /// to a copy: its line for greetings, and the greeting
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private record Wanted(AppId app, FrontRules rules) {}

    private final Catalogue catalogue;
    private final Predicate<App> hasFront;
    private final Views views;
    private final Admission admission;
    private final Gates gates;
    private final Optional<Trust> trust;
    private final Map<Wanted, Front> open = new ConcurrentHashMap<>();
    private final Map<AppId, FrontCounts> counts = new ConcurrentHashMap<>();
    private final Map<Wanted, String> troubles = new HashMap<>();
    private final BiConsumer<AppId, FrontCounts> counted;
    private final Thread thread;
    private Optional<Loops> loops = Optional.empty();

    /// What there is once a first front is wanted.
    private record Loops(EventLoopGroup group, boolean epoll, Map<EventExecutor, Reach> reaches) {}

    /// @param hasFront  whether an app's kind is reached so
    /// @param admission to sessions of the whole cluster
    /// @param gates     of this node
    /// @param trust     empty where there is no cluster
    /// @param counted   told once of each app that has a front, with what will be counted
    public Fronts(
            Catalogue catalogue,
            Predicate<App> hasFront,
            Views views,
            Admission admission,
            Gates gates,
            Optional<Trust> trust,
            BiConsumer<AppId, FrontCounts> counted) {
        this.hasFront = hasFront;
        this.counted = counted;
        this.catalogue = catalogue;
        this.views = views;
        this.admission = admission;
        this.gates = gates;
        this.trust = trust;
        this.thread = Thread.ofVirtual().name("fronts").unstarted(this::follow);
    }

    public void open() {
        look();
        thread.start();
    }

    /// where the front of an app listens
    public Optional<InetSocketAddress> address(AppId app) {
        return open.values().stream()
                .filter(front -> front.app().equals(app))
                .map(Front::address)
                .findFirst();
    }

    /// what was counted of an app since the start
    public FrontCounts counts(AppId app) {
        return counts.computeIfAbsent(app, it -> {
            FrontCounts fresh = new FrontCounts();
            counted.accept(it, fresh);
            return fresh;
        });
    }

    private void follow() {
        try {
            while (true) {
                Thread.sleep(LOOK_EVERY);
                try {
                    look();
                } catch (RuntimeException broken) {
                    log.error("fronts could not be looked after", broken);
                }
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void look() {
        Map<AppId, Wanted> wanted = new HashMap<>();
        for (Catalogue.Entry entry : catalogue.entries()) {
            App app = entry.app();
            if (!hasFront.test(app)) continue;
            app.service().flatMap(Service::front).ifPresent(rules -> wanted.put(app.id(), new Wanted(app.id(), rules)));
        }
        open.forEach((known, front) -> {
            if (!known.equals(wanted.get(known.app()))) {
                front.close();
                open.remove(known);
            }
        });
        troubles.keySet().retainAll(wanted.values());
        for (Wanted one : wanted.values()) if (!open.containsKey(one)) listen(one);
    }

    /// A port that is taken is tried again at every look, and told of once.
    private void listen(Wanted wanted) {
        Loops with = loops.orElseGet(this::start);
        InetAddress where =
                wanted.rules().allow().isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.ofLiteral("::");
        try {
            Front front = new Front(
                    wanted.app(),
                    wanted.rules(),
                    new InetSocketAddress(where, wanted.rules().port()),
                    counts(wanted.app()),
                    views,
                    admission,
                    with.group(),
                    with.epoll(),
                    channel -> reach(with, channel.eventLoop()));
            open.put(wanted, front);
            troubles.remove(wanted);
        } catch (IOException taken) {
            String said = String.valueOf(taken.getMessage());
            if (!said.equals(troubles.put(wanted, said)))
                log.error(
                        "front not open app={} cause=\"{}\" next=\"free the port, or change it\"", wanted.app(), said);
        }
    }

    private static Reach reach(Loops loops, EventExecutor loop) {
        Reach reach = loops.reaches().get(loop);
        if (reach == null) throw new IllegalStateException("not a loop of the fronts");
        return reach;
    }

    private Loops start() {
        boolean epoll = Epoll.isAvailable();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                Runtime.getRuntime().availableProcessors(),
                new DefaultThreadFactory("front"),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        Map<EventExecutor, Reach> reaches = new IdentityHashMap<>();
        for (EventExecutor loop : group) reaches.put(loop, new Reach((EventLoop) loop, epoll, gates, trust, PATIENCE));
        Loops started = new Loops(group, epoll, reaches);
        loops = Optional.of(started);
        group.next().scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return started;
    }

    private void tick() {
        long now = System.nanoTime();
        for (Front front : open.values()) front.tick(now);
    }

    @Override
    public void close() {
        thread.interrupt();
        synchronized (this) {
            open.values().forEach(Front::close);
            open.clear();
            loops.ifPresent(it -> {
                it.reaches().forEach((loop, reach) -> loop.execute(reach::close));
                it.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
            });
            loops = Optional.empty();
        }
    }
}
