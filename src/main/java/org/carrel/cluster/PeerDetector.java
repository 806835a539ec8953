package org.carrel.cluster;

import com.typesafe.config.Config;
import org.apache.pekko.event.EventStream;
import org.apache.pekko.remote.FailureDetector;
import org.apache.pekko.remote.FailureDetectorWithAddress;
import org.apache.pekko.remote.PhiAccrualFailureDetector;

/// What this node hears of one other: phi, as the engine computes it, and when it was last heard. Made by
/// the engine, by its name in the configuration. Source: Hayashibara et al., "The phi accrual failure
/// detector", SRDS 2004.
///
/// Before it accuses the other, it doubts itself: silence counts only as far as this process ran
/// meanwhile. Time that was lost (`Pulse`) is taken off, so that a node which wakes from a pause accuses
/// nobody.
public final class PeerDetector implements FailureDetector, FailureDetectorWithAddress {
    private final PhiAccrualFailureDetector phi;
    private final PhiRegistry registry;
    private final long patienceNanos;
    private volatile long heardAt;
    private volatile long lostBefore;

    /// @param config the section of the failure detector, with the registry's id in it
    public PeerDetector(Config config, EventStream events) {
        phi = new PhiAccrualFailureDetector(config, events);
        registry = PhiRegistry.named(config.getString(PhiRegistry.KEY));
        patienceNanos = config.getDuration("acceptable-heartbeat-pause").toNanos();
    }

    @Override
    public void setAddress(String address) {
        phi.setAddress(address);
        registry.put(address, this);
    }

    @Override
    public boolean isAvailable() {
        return phi.isAvailable() || unheardNanos() < patienceNanos;
    }

    @Override
    public boolean isMonitoring() {
        return phi.isMonitoring();
    }

    @Override
    public void heartbeat() {
        lostBefore = registry.lostNanos();
        heardAt = System.nanoTime();
        phi.heartbeat();
    }

    double phi() {
        return phi.phi();
    }

    double threshold() {
        return phi.threshold();
    }

    /// since the last heartbeat; 0 before the first
    long silenceNanos() {
        return isMonitoring() ? System.nanoTime() - heardAt : 0;
    }

    /// The silence, without the time in which this process couldn't have heard anything.
    long unheardNanos() {
        return silenceNanos() - (registry.lostNanos() - lostBefore);
    }
}
