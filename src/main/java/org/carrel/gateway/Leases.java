package org.carrel.gateway;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.carrel.port.Admission.Verdict.Open;
import org.carrel.port.SocketOwner;

/// The leases one event loop holds.
final class Leases {
    private final Limits limits;
    private final Map<HeldLease.Key, HeldLease> held = new HashMap<>();

    Leases(Limits limits) {
        this.limits = limits;
    }

    /// @return one that still holds
    Optional<HeldLease> find(HeldLease.Key key) {
        HeldLease found = held.get(key);
        if (found == null) return Optional.empty();
        if (found.isStillAllowed()) return Optional.of(found);
        forget(found);
        return Optional.empty();
    }

    /// Two requests may have asked for the same at once; then the first answer stays.
    HeldLease hold(HeldLease.Key key, Open open, Optional<SocketOwner> socketOwner, long now) {
        Optional<HeldLease> other = find(key);
        if (other.isPresent()) {
            open.lease().close();
            return other.get();
        }
        HeldLease lease = new HeldLease(key, open, socketOwner, limits, now);
        held.put(key, lease);
        return lease;
    }

    void forget(HeldLease lease) {
        held.remove(lease.key, lease);
        lease.end();
    }

    /// @param recheck something may have been revoked
    void tick(long now, boolean recheck) {
        held.values().removeIf(lease -> {
            if (lease.tick(now, recheck)) return false;
            lease.end();
            return true;
        });
    }

    void endAll() {
        held.values().forEach(HeldLease::end);
        held.clear();
    }
}
