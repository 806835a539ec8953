package org.carrel.door;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.node.NodeId;
import org.carrel.door.Words.LeaseUse;
import org.carrel.port.Lease;

/// The leases that other nodes' gateways hold of this node's sessions. What a gateway reports counts here as if it were
/// this node's own; a lease that nobody reports for a minute ends, since its gateway is gone.
final class FarLeases implements AutoCloseable {
    static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(60);
    /// of all gateways together
    static final int MOST = 100_000;

    private final Map<String, Held> held = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private volatile long swept = System.nanoTime();

    private static final class Held {
        final NodeId gateway;
        final Lease lease;
        int connections;
        long reported = System.nanoTime();

        Held(NodeId gateway, Lease lease) {
            this.gateway = gateway;
            this.lease = lease;
        }
    }

    /// @return the name it is reported by
    /// @throws IllegalArgumentException when there are too many; the lease is closed then
    String hold(NodeId gateway, Lease lease) {
        sweep();
        if (held.size() >= MOST) {
            lease.close();
            throw new IllegalArgumentException("too many leases");
        }
        byte[] bytes = new byte[12];
        random.nextBytes(bytes);
        String name = HexFormat.of().formatHex(bytes);
        held.put(name, new Held(gateway, lease));
        return name;
    }

    /// @return those that hold no longer
    List<String> report(NodeId gateway, List<LeaseUse> uses) {
        sweep();
        List<String> over = new ArrayList<>();
        for (LeaseUse use : uses) {
            Held known = held.get(use.lease());
            if (known == null || !known.gateway.equals(gateway)) {
                over.add(use.lease());
                continue;
            }
            synchronized (known) {
                known.reported = System.nanoTime();
                if (use.input()) known.lease.sawInput(1);
                int now = Math.max(0, use.connections());
                if (now != known.connections) known.lease.connections(now - known.connections);
                known.connections = now;
            }
            boolean ended = use.closed() || !known.lease.stillAllowed();
            if (ended && held.remove(use.lease(), known)) known.lease.close();
            if (ended && !use.closed()) over.add(use.lease());
        }
        return over;
    }

    int size() {
        return held.size();
    }

    private void sweep() {
        long now = System.nanoTime();
        if (now - swept < TimeUnit.SECONDS.toNanos(5)) return;
        swept = now;
        held.forEach((name, known) -> {
            if (now - known.reported > LIFE_NANOS && held.remove(name, known)) known.lease.close();
        });
    }

    @Override
    public void close() {
        held.values().forEach(known -> known.lease.close());
        held.clear();
    }
}
