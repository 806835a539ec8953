package org.carrel.door;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.carrel.door.Words.LeaseUse;
import org.carrel.port.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the owners of far sessions once a second how their sessions are used, and hears which leases hold no longer. A
/// lease whose owner could not be told for a minute holds no longer either.
final class LeaseReports implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeaseReports.class);
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(60);
    /// most of one report
    private static final int PORTION = 1_000;

    private final PeerCalls calls;
    private final Map<SocketAddress, Set<FarLease>> byDoor = new ConcurrentHashMap<>();
    private final Map<SocketAddress, Thread> reporters = new ConcurrentHashMap<>();
    private volatile boolean closed;

    LeaseReports(PeerCalls calls) {
        this.calls = calls;
    }

    Lease hold(SocketAddress door, String name) {
        FarLease lease = new FarLease(name);
        byDoor.computeIfAbsent(door, it -> ConcurrentHashMap.newKeySet()).add(lease);
        reporters.computeIfAbsent(
                door, it -> Thread.ofVirtual().name("lease-reports").start(() -> report(it)));
        return lease;
    }

    private void report(SocketAddress door) {
        boolean failing = false;
        try {
            while (!closed) {
                Thread.sleep(EVERY);
                try {
                    for (List<FarLease> portion : portions(byDoor.getOrDefault(door, Set.of()))) tell(door, portion);
                    failing = false;
                } catch (IOException | IllegalArgumentException unreached) {
                    byDoor.getOrDefault(door, Set.of()).removeIf(FarLease::isForgotten);
                    if (!failing) log.warn("leases not reported door={} cause=\"{}\"", door, unreached.getMessage());
                    failing = true;
                }
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<List<FarLease>> portions(Set<FarLease> leases) {
        List<FarLease> all = List.copyOf(leases);
        List<List<FarLease>> portions = new ArrayList<>();
        for (int from = 0; from < all.size(); from += PORTION)
            portions.add(all.subList(from, Math.min(all.size(), from + PORTION)));
        return portions;
    }

    private void tell(SocketAddress door, List<FarLease> leases) throws IOException, InterruptedException {
        long now = System.nanoTime();
        List<LeaseUse> uses = new ArrayList<>();
        for (FarLease lease : leases) uses.add(lease.use());
        Set<String> over;
        try {
            over = new HashSet<>(
                    calls.call(door, Words.LEASES, new Words.Leases(uses), Words.LeasesOver.class, PATIENCE)
                            .over());
        } catch (IOException unheard) {
            for (int i = 0; i < uses.size(); i++) leases.get(i).unheard(uses.get(i));
            throw unheard;
        }
        Set<FarLease> held = byDoor.getOrDefault(door, Set.of());
        for (int i = 0; i < uses.size(); i++) {
            FarLease lease = leases.get(i);
            lease.told = now;
            if (over.contains(lease.name)) lease.over = true;
            if (uses.get(i).closed() || lease.over) held.remove(lease);
        }
    }

    @Override
    public void close() {
        closed = true;
        reporters.values().forEach(Thread::interrupt);
    }

    private static final class FarLease implements Lease {
        private final String name;
        private final AtomicBoolean input = new AtomicBoolean();
        private final AtomicInteger connections = new AtomicInteger();
        private volatile boolean closed;
        private volatile boolean over;
        private volatile long told = System.nanoTime();

        FarLease(String name) {
            this.name = name;
        }

        LeaseUse use() {
            return new LeaseUse(name, input.getAndSet(false), connections.get(), closed);
        }

        /// Its owner has ended it by itself meanwhile.
        boolean isForgotten() {
            return closed && System.nanoTime() - told > LIFE_NANOS;
        }

        /// What was to be told is told next time.
        void unheard(LeaseUse use) {
            if (use.input()) input.set(true);
        }

        @Override
        public void sawInput(long bytes) {
            if (bytes > 0 && !input.get()) input.set(true);
        }

        @Override
        public void connections(int change) {
            connections.addAndGet(change);
        }

        @Override
        public boolean stillAllowed() {
            return !closed && !over && System.nanoTime() - told < LIFE_NANOS;
        }

        @Override
        public void close() {
            connections.set(0);
            closed = true;
        }
    }
}
