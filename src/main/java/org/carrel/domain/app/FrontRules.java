package org.carrel.domain.app;

import static org.carrel.domain.Require.require;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.route.Network;

/// A front: a TCP port of every gateway behind which the copies of a service are reached, each connection on one of
/// them.
/// @param port        1 to 65535
/// @param allow       networks from which whoever connects is let in, such as `10.0.0.0/8`; loopback always
/// @param connections to one copy at once, 1 to 10,000
/// @param perClient   of one address at once at one gateway, served or in line, 1 to 10,000
/// @param waiting     who wait for a free one at one gateway, 0 to 10,000
/// @param patience    how long they wait at most
/// @param idle        how long a connection may be open with nothing asked on it; empty: for ever
/// @param maxLife     how long it may be open at all; empty: for ever
/// @param stall       how long a client may take not one byte of what waits for it
public record FrontRules(
        int port,
        List<Network> allow,
        int connections,
        int perClient,
        int waiting,
        Duration patience,
        Optional<Duration> idle,
        Optional<Duration> maxLife,
        Duration stall) {
    public static final int DEFAULT_PORT = 6311;
    public static final int DEFAULT_CONNECTIONS = 100;
    public static final int DEFAULT_PER_CLIENT = 1000;
    public static final int DEFAULT_WAITING = 500;
    public static final int MOST = 10_000;
    public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(30);
    public static final Optional<Duration> DEFAULT_IDLE = Optional.of(Duration.ofHours(1));
    public static final Optional<Duration> DEFAULT_MAX_LIFE = Optional.of(Duration.ofHours(24));
    public static final Duration DEFAULT_STALL = Duration.ofMinutes(1);

    public FrontRules {
        require(port >= 1 && port <= 65_535, "a port is from 1 to 65535, not " + port);
        require(connections >= 1 && connections <= MOST, "connections: 1 to " + MOST);
        require(perClient >= 1 && perClient <= MOST, "per-client: 1 to " + MOST);
        require(waiting >= 0 && waiting <= MOST, "waiting: 0 to " + MOST);
        require(stall.isPositive(), "stall must be more than 0");
        allow = List.copyOf(allow);
    }

    /// with the usual bounds of one client
    public FrontRules(
            int port,
            List<Network> allow,
            int connections,
            int waiting,
            Duration patience,
            Optional<Duration> idle,
            Optional<Duration> maxLife) {
        this(port, allow, connections, DEFAULT_PER_CLIENT, waiting, patience, idle, maxLife, DEFAULT_STALL);
    }

    public FrontRules of(int mostOfOneClient, Duration mostStalled) {
        return new FrontRules(port, allow, connections, mostOfOneClient, waiting, patience, idle, maxLife, mostStalled);
    }
}
