package org.carrel.door;

import java.time.Duration;

/// Bounds of a door.
/// @param connections        of all peers together
/// @param connectionsPerPeer of one node
/// @param handshakes         under way at once
/// @param streams            connections to sessions, and calls, under way at once
/// @param preface            how long a stream may take to say what it wants
/// @param connect            to a workload
/// @param bodyBytes          of a call
public record DoorLimits(
        int connections,
        int connectionsPerPeer,
        int handshakes,
        int streams,
        Duration preface,
        Duration connect,
        int bodyBytes) {
    public static final DoorLimits DEFAULT =
            new DoorLimits(2_000, 64, 64, 20_000, Duration.ofSeconds(5), Duration.ofSeconds(5), 1 << 20);
}
