package org.carrel.domain.node;

/// How full a node is. Everything promised counts, not only what runs: a node that chokes on starts must not look
/// empty.
/// @param committed reserved, starting, ready and draining together
/// @param live      that many sessions
/// @param starting  of them being started
/// @param queued    of them waiting for their turn to start
public record NodeLoad(Capacity capacity, Resources committed, int live, int starting, int queued) {
    private static final long PARTS = 1_000_000;

    /// Whether one more of this demand fits, when nobody else is counted.
    public boolean fits(Resources demand) {
        return live < capacity.sessions() && demand.fitsIn(capacity.total().minus(committed));
    }

    /// Whether it would fit if nothing ran here.
    public boolean everFits(Resources demand) {
        return capacity.sessions() > 0 && demand.fitsIn(capacity.total());
    }

    /// With one more session of this demand.
    NodeLoad plus(Resources demand) {
        return new NodeLoad(capacity, committed.plus(demand), live + 1, starting, queued);
    }

    /// How full the scarcest of places, memory and cores would be with one more of this demand.
    /// @return in millionths; above a million when it doesn't fit
    public long fillWith(Resources demand) {
        Resources with = committed.plus(demand);
        long places = part(live + 1L, capacity.sessions());
        long memory = part(with.memoryBytes() >> 20, capacity.total().memoryBytes() >> 20);
        long cores = part(with.cpuMillis(), capacity.total().cpuMillis());
        return Math.max(places, Math.max(memory, cores));
    }

    /// @return how many of this demand the empty node would hold, at least 1: its weight
    public long weightFor(Resources demand) {
        long places = capacity.sessions();
        if (demand.memoryBytes() > 0) places = Math.min(places, capacity.total().memoryBytes() / demand.memoryBytes());
        if (demand.cpuMillis() > 0) places = Math.min(places, capacity.total().cpuMillis() / demand.cpuMillis());
        return Math.max(1, places);
    }

    private static long part(long taken, long whole) {
        if (taken == 0) return 0;
        return whole == 0 ? 2 * PARTS : taken * PARTS / whole;
    }
}
