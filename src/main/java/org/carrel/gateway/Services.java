package org.carrel.gateway;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Network;
import org.carrel.door.WebDoor;
import org.carrel.gateway.tls.Tls;
import org.carrel.port.Admission;
import org.carrel.port.Identities;
import org.carrel.port.Pages;
import org.carrel.port.Views;
import org.carrel.trust.Trust;

/// What all event loops of a gateway share: the other rooms behind their faces, and the counts that bound it.
final class Services {
    final GatewaySettings settings;
    final Limits limits;
    final Supplier<Addresses> addresses;
    final Identities identities;
    final Views views;
    final Admission admission;
    /// by which sessions on other nodes are reached; empty where there is no cluster
    final Optional<Trust> trust;
    final Pages pages;
    final GatewayMetrics metrics;
    final Semaphore pageSlots;
    final Semaphore eventSlots;
    private final AtomicInteger connections = new AtomicInteger();
    private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    /// where other nodes enter by the public listener
    volatile Optional<WebDoor> webDoor = Optional.empty();

    private volatile boolean draining;
    private volatile boolean leaving;

    Services(
            GatewaySettings settings,
            Supplier<Addresses> addresses,
            Identities identities,
            Views views,
            Admission admission,
            Optional<Trust> trust,
            Pages pages,
            GatewayMetrics metrics) {
        this.settings = settings;
        this.limits = settings.limits();
        this.addresses = addresses;
        this.identities = identities;
        this.views = views;
        this.admission = admission;
        this.trust = trust;
        this.pages = pages;
        this.metrics = metrics;
        this.pageSlots = new Semaphore(limits.counts().pagesAtOnce());
        this.eventSlots = new Semaphore(limits.counts().eventStreams());
    }

    /// Takes a place for one more connection, to be given back by `leave`.
    boolean enter(InetAddress from) {
        if (connections.incrementAndGet() > limits.counts().connections()) {
            connections.decrementAndGet();
            return false;
        }
        int ofAddress = byAddress.merge(from, 1, Integer::sum);
        boolean room = ofAddress <= limits.counts().connectionsPerAddress() || isTrusted(from);
        if (!room) leave(from);
        return room;
    }

    void leave(InetAddress from) {
        connections.decrementAndGet();
        byAddress.computeIfPresent(from, (address, count) -> count > 1 ? count - 1 : null);
    }

    boolean isTrusted(InetAddress peer) {
        for (Network block : settings.trustedProxies()) if (block.contains(peer.getAddress())) return true;
        return false;
    }

    /// To be called before anything else listens to it.
    void offerTls(Channel channel) {
        settings.tls()
                .ifPresent(context ->
                        Tls.offer(channel, context.get(), limits.silences().head()));
    }

    int connections() {
        return connections.get();
    }

    boolean isDraining() {
        return draining;
    }

    void drain() {
        draining = true;
    }

    /// Another gateway takes over: requests go on to their ends, none is begun, and connections are given away.
    boolean isLeaving() {
        return leaving;
    }

    void leave() {
        leaving = true;
    }
}
