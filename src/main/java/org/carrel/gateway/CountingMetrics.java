package org.carrel.gateway;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// Counts in memory, for `/metrics` and tests.
public final class CountingMetrics implements GatewayMetrics {
    private final LongAdder[] byClass = new LongAdder[6];
    private final LongAdder fromClients = new LongAdder();
    private final LongAdder toClients = new LongAdder();
    private final LongAdder connections = new LongAdder();
    private final LongAdder webSockets = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final Map<Refusal, LongAdder> refusals = new EnumMap<>(Refusal.class);

    public CountingMetrics() {
        for (int i = 0; i < byClass.length; i++) byClass[i] = new LongAdder();
        for (Refusal reason : Refusal.values()) refusals.put(reason, new LongAdder());
    }

    @Override
    public void answered(int status) {
        byClass[Math.clamp(status / 100, 0, 5)].increment();
    }

    @Override
    public void bytes(long from, long to) {
        if (from != 0) fromClients.add(from);
        if (to != 0) toClients.add(to);
    }

    @Override
    public void connections(int change) {
        connections.add(change);
    }

    @Override
    public void webSockets(int change) {
        webSockets.add(change);
    }

    @Override
    public void retried() {
        retries.increment();
    }

    @Override
    public void refused(Refusal reason) {
        java.util.Objects.requireNonNull(refusals.get(reason)).increment();
    }

    /// @param hundreds 1 to 5
    public long answers(int hundreds) {
        return byClass[hundreds].sum();
    }

    public long bytesFromClients() {
        return fromClients.sum();
    }

    public long bytesToClients() {
        return toClients.sum();
    }

    public long openConnections() {
        return connections.sum();
    }

    public long openWebSockets() {
        return webSockets.sum();
    }

    public long retries() {
        return retries.sum();
    }

    public long refusals(Refusal reason) {
        return java.util.Objects.requireNonNull(refusals.get(reason)).sum();
    }
}
