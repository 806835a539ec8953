package org.carrel.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.config.ClusterSettings;
import org.carrel.domain.member.Candidate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where candidates come from: the settings, a file, multicast.
final class Sources implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sources.class);
    private static final long FILE_EVERY = TimeUnit.SECONDS.toNanos(5);
    private static final long MULTICAST_REFRESH = TimeUnit.SECONDS.toNanos(10);
    private static final long MULTICAST_AGAIN = TimeUnit.SECONDS.toNanos(60);

    private final ClusterSettings settings;
    private final Membership.Self self;
    private final Callsigns callsigns;
    private final CandidateBook book;
    private final Optional<PeersFile> file;
    private volatile String host;
    private volatile Optional<Multicast> multicast = Optional.empty();
    private volatile boolean opening;
    private volatile boolean closed;
    private Optional<InetAddress> used = Optional.empty();
    private long fileAt;
    private long refreshAt = System.nanoTime();
    private long multicastAt;

    Sources(ClusterSettings settings, Membership.Self self, Callsigns callsigns, CandidateBook book) {
        this.settings = settings;
        this.self = self;
        this.callsigns = callsigns;
        this.book = book;
        this.host = settings.address().map(InetAddress::getHostAddress).orElse("127.0.0.1");
        file = settings.peersFile().map(PeersFile::new);
        fileAt = System.nanoTime() - FILE_EVERY;
    }

    /// From the address that others reach this node under.
    void use(InetAddress address) {
        host = address.getHostAddress();
        look();
        if (used.filter(address::equals).isPresent()) return;
        used = Optional.of(address);
        multicast.ifPresent(Multicast::close);
        multicast = Optional.empty();
        if (wantsMulticast(address)) announce(address);
    }

    /// To be called often; does something seldom.
    void look() {
        long now = System.nanoTime();
        if (now - fileAt >= FILE_EVERY) {
            fileAt = now;
            List<Candidate> named = new ArrayList<>(settings.peers());
            file.ifPresent(it -> named.addAll(it.candidates()));
            book.name(named);
        }
        if (now - refreshAt >= MULTICAST_REFRESH) {
            refreshAt = now;
            multicast.ifPresent(Multicast::refresh);
        }
        if (used.isPresent()
                && multicast.isEmpty()
                && !opening
                && wantsMulticast(used.get())
                && now - multicastAt >= MULTICAST_AGAIN) announce(used.get());
    }

    private boolean wantsMulticast(InetAddress address) {
        return switch (settings.mdns()) {
            case ON -> true;
            case OFF -> false;
            case AUTO -> !address.isLoopbackAddress();
        };
    }

    private void announce(InetAddress address) {
        opening = true;
        multicastAt = System.nanoTime();
        Thread.ofPlatform().daemon().name("multicast-open").start(() -> {
            try {
                Multicast open = new Multicast(address, settings.name(), self.id(), self.doorPort(), callsigns, book);
                multicast = Optional.of(open);
                if (closed) open.close();
            } catch (IOException | RuntimeException failed) {
                log.warn("no multicast address={} cause=\"{}\"", address.getHostAddress(), failed.toString());
            } finally {
                opening = false;
            }
        });
    }

    /// This node announces itself and hasn't heard itself yet.
    boolean isEchoAwaited() {
        return opening || multicast.isPresent() && !multicast.get().hasEcho();
    }

    String host() {
        return host;
    }

    long passedOver() {
        return multicast.map(Multicast::passedOver).orElse(0L);
    }

    @Override
    public void close() {
        closed = true;
        multicast.ifPresent(Multicast::close);
    }
}
