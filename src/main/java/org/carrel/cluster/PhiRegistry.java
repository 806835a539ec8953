package org.carrel.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// The detectors of one run of membership, readable at any time by any thread. The engine makes detectors
/// by the name of their class, so they find their registry by its id in the configuration.
final class PhiRegistry implements AutoCloseable {
    static final String KEY = "carrel-registry";
    /// Phi grows without end and can be infinite; beyond this it says nothing more.
    static final double SHOWN_MOST = 100;

    private static final Map<String, PhiRegistry> OPEN = new ConcurrentHashMap<>();

    /// @param phi       at most 100
    /// @param available as the detector decides: over the threshold it may still be this node that was asleep
    /// @param silence   since the last heartbeat
    record Row(double phi, double threshold, boolean available, Duration silence) {}

    private final String id = UUID.randomUUID().toString();
    private final LongSupplier lost;
    private final Map<String, PeerDetector> detectors = new ConcurrentHashMap<>();

    /// @param lost nanoseconds that this process wasn't given, so far; rises only
    PhiRegistry(LongSupplier lost) {
        this.lost = lost;
        OPEN.put(id, this);
    }

    String id() {
        return id;
    }

    static PhiRegistry named(String id) {
        PhiRegistry registry = OPEN.get(id);
        if (registry == null) throw new IllegalStateException("no registry " + id + ": this membership has ended");
        return registry;
    }

    /// @param address as the engine writes it: `pekko://carrel-lab@10.0.0.2:7444`
    void put(String address, PeerDetector detector) {
        detectors.put(place(address), detector);
    }

    long lostNanos() {
        return lost.getAsLong();
    }

    /// @param address host:port
    /// @return empty when this node doesn't watch that one: each is watched by nine others
    Optional<Row> row(String address) {
        PeerDetector detector = detectors.get(address);
        if (detector == null || !detector.isMonitoring()) return Optional.empty();
        return Optional.of(new Row(
                Math.min(SHOWN_MOST, detector.phi()),
                detector.threshold(),
                detector.isAvailable(),
                Duration.ofNanos(Math.max(0, detector.silenceNanos()))));
    }

    /// For how long nothing was heard of it while this process ran; 0 when it isn't watched.
    /// @param address host:port
    long unheardNanos(String address) {
        PeerDetector detector = detectors.get(address);
        return detector == null ? 0 : detector.unheardNanos();
    }

    /// Forgets those that are no members any more.
    void keep(Set<String> addresses) {
        detectors.keySet().retainAll(addresses);
    }

    private static String place(String address) {
        return address.substring(address.lastIndexOf('@') + 1);
    }

    @Override
    public void close() {
        OPEN.remove(id);
    }
}
