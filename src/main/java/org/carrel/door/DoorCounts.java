package org.carrel.door;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What passes a door, for its bounds and for metrics.
public final class DoorCounts {
    /// Why a connection or a stream was turned away.
    public enum Turned {
        /// too many connections, or too many of this peer
        CROWDED,
        /// too many handshakes at once
        HANDSHAKES,
        /// no TLS, no certificate or one that is refused, no protocol of ours, or too slow
        HANDSHAKE,
        /// a newcomer: too hasty, no sense in what was said, or no token that holds
        JOIN,
        /// asked for what its certificate's roles don't allow
        ROLE,
        /// no sense in the preface, or too slow with it
        PREFACE,
        /// too many streams
        STREAMS,
        /// by the agent: no such session of this user, or not ready
        ADMISSION,
        /// the workload couldn't be reached
        WORKLOAD;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Turned, LongAdder> turned = new EnumMap<>(Turned.class);
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger handshakes = new AtomicInteger();
    final AtomicInteger streams = new AtomicInteger();
    final LongAdder opened = new LongAdder();

    DoorCounts() {
        for (Turned why : Turned.values()) turned.put(why, new LongAdder());
    }

    void turnedAway(Turned why) {
        LongAdder count = turned.get(why);
        if (count != null) count.increment();
    }

    public long turned(Turned why) {
        LongAdder count = turned.get(why);
        return count == null ? 0 : count.sum();
    }

    /// connections of other nodes, open now
    public int connections() {
        return connections.get();
    }

    /// connections to sessions, and calls, open now
    public int streams() {
        return streams.get();
    }

    /// connections to sessions, ever
    public long opened() {
        return opened.sum();
    }
}
