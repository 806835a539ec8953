package org.carrel.cluster;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceEvent;
import javax.jmdns.ServiceInfo;
import javax.jmdns.ServiceListener;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Announces this node's door by multicast DNS, and hears of others'. What is heard is worth a question
/// and no more: nobody proves anything here, and adverts outlive who made them. Source: RFC 6762, RFC
/// 6763.
final class Multicast implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Multicast.class);
    private static final String TYPE = "_carrel._tcp.local.";
    private static final String CLUSTER = "cluster";
    /// names that are being looked up; more are left until they come up again
    private static final int LOOKUPS_MOST = 64;

    /// of names that were heard of in one minute
    private static final int HEARD_MOST = 600;

    private final JmDNS dns;
    private final Listener listener = new Listener();
    private final String cluster;
    private final String own;
    private final Callsigns callsigns;
    private final CandidateBook book;
    private final AtomicBoolean echo = new AtomicBoolean();
    private final Semaphore lookups = new Semaphore(LOOKUPS_MOST);
    private final AtomicLong heard = new AtomicLong();
    private final AtomicLong passedOver = new AtomicLong();
    private volatile long minute = System.nanoTime();

    /// Blocks for seconds. @param on an address of the interface to use
    Multicast(InetAddress on, String cluster, NodeId self, int doorPort, Callsigns callsigns, CandidateBook book)
            throws IOException {
        this.cluster = cluster;
        this.callsigns = callsigns;
        this.own = callsigns.of(self);
        this.book = book;
        dns = JmDNS.create(on, "carrel-" + self.value());
        dns.addServiceListener(TYPE, listener);
        dns.registerService(ServiceInfo.create(TYPE, own, doorPort, 0, 0, Map.of(CLUSTER, cluster)));
    }

    /// Asks the network anew: adverts are sent once, and a network that was cut then has missed them.
    void refresh() {
        dns.removeServiceListener(TYPE, listener);
        dns.addServiceListener(TYPE, listener);
    }

    /// Its own announcement has come back: multicast works here, and others have heard it too.
    boolean hasEcho() {
        return echo.get();
    }

    long passedOver() {
        return passedOver.get();
    }

    private final class Listener implements ServiceListener {
        @Override
        public void serviceAdded(ServiceEvent event) {
            if (event.getName().equals(own)) echo.set(true);
            else if (isOurs(event) && isInBounds() && lookups.tryAcquire()) {
                try {
                    dns.requestServiceInfo(event.getType(), event.getName(), 1);
                } finally {
                    lookups.release();
                }
            }
        }

        @Override
        public void serviceRemoved(ServiceEvent event) {
            // the node may live all the same; asking it tells
        }

        @Override
        public void serviceResolved(ServiceEvent event) {
            if (event.getName().equals(own)) {
                echo.set(true);
                return;
            }
            if (!isOurs(event)) return;
            ServiceInfo info = event.getInfo();
            String theirs = info.getPropertyString(CLUSTER);
            if (!cluster.equals(theirs) || !isInBounds()) return;
            for (Inet4Address address : info.getInet4Addresses()) {
                hear(address, info.getPort());
                return; // one is enough
            }
        }
    }

    /// Before anything is counted against the bounds: a flood must not crowd out those who have the key.
    private boolean isOurs(ServiceEvent event) {
        boolean ours = callsigns.isOurs(event.getName());
        if (!ours) passedOver.incrementAndGet();
        return ours;
    }

    private void hear(InetAddress address, int port) {
        if (port < 1 || port > 65535 || address.isMulticastAddress() || address.isAnyLocalAddress()) return;
        book.hearOf(new Candidate(address.getHostAddress(), port));
    }

    /// Floods are told once a minute, as a number.
    private boolean isInBounds() {
        long now = System.nanoTime();
        if (now - minute > 60_000_000_000L) {
            minute = now;
            long over = heard.getAndSet(0) - HEARD_MOST;
            if (over > 0) log.warn("multicast names passed over in a minute count={}", over);
        }
        if (heard.incrementAndGet() <= HEARD_MOST) return true;
        passedOver.incrementAndGet();
        return false;
    }

    /// Takes seconds in the library, so it goes on by itself.
    @Override
    public void close() {
        Thread.ofPlatform().daemon().name("multicast-close").start(() -> {
            try {
                dns.close();
            } catch (IOException | RuntimeException failed) {
                log.debug("multicast not closed cause={}", failed.toString());
            }
        });
    }
}
