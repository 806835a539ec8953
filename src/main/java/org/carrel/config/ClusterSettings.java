package org.carrel.config;

import static org.carrel.domain.Require.require;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.place.Strategy;
import org.carrel.port.DoorUrl;

/// How this node finds others. Nothing of it counts until there is a cluster key.
/// @param name      so that two clusters on one network keep apart; 1 to 40 of `a-z 0-9 -`
/// @param key       directory of the cluster key; without it this node is alone
/// @param address   under which other nodes reach this one; empty: chosen among the machine's own
/// @param door      port of this node's door, 1 to 65535
/// @param port      of membership, 1 to 65535
/// @param peers     doors to ask, at most 1000
/// @param peersFile more of them, one a line, read again whenever it changes
/// @param strategy  of this node's gateway: which machine with room comes first
/// @param web       ways through HTTP proxies
public record ClusterSettings(
        String name,
        Path key,
        Optional<InetAddress> address,
        int door,
        int port,
        List<Candidate> peers,
        Optional<Path> peersFile,
        Mdns mdns,
        Strategy strategy,
        Web web) {
    public static final int PORT = 7444;
    static final String NAME = "carrel";
    private static final Pattern NAME_SHAPE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?");

    public ClusterSettings {
        require(NAME_SHAPE.matcher(name).matches(), "must be 1 to 40 of a-z 0-9 -, not \"" + Tree.shown(name) + "\"");
        require(door > 0 && door < 65536, "not a port: " + door);
        require(port > 0 && port < 65536, "not a port: " + port);
        peers = List.copyOf(peers);
    }

    /// Without ways through HTTP proxies.
    public ClusterSettings(
            String name,
            Path key,
            Optional<InetAddress> address,
            int door,
            int port,
            List<Candidate> peers,
            Optional<Path> peersFile,
            Mdns mdns,
            Strategy strategy) {
        this(name, key, address, door, port, peers, peersFile, mdns, strategy, Web.NONE);
    }

    /// Nodes that are reached by HTTP only. They are no members on that account: only what runs there is reached.
    /// @param door  this node's door is a path of its public listener too
    /// @param doors of other nodes, at most 1000
    public record Web(boolean door, List<DoorUrl> doors) {
        public static final Web NONE = new Web(false, List.of());

        public Web {
            doors = List.copyOf(doors);
        }
    }

    public enum Mdns {
        /// wherever the address is one that other machines can reach
        AUTO,
        /// on loopback too
        ON,
        OFF
    }

    /// The same under the name that stands in the cluster key.
    public ClusterSettings named(String other) {
        return new ClusterSettings(other, key, address, door, port, peers, peersFile, mdns, strategy, web);
    }

    /// The same under another address.
    public ClusterSettings at(InetAddress other) {
        return new ClusterSettings(name, key, Optional.of(other), door, port, peers, peersFile, mdns, strategy, web);
    }

    /// The same, with more doors to ask.
    public ClusterSettings asking(List<Candidate> more) {
        List<Candidate> all =
                Stream.concat(peers.stream(), more.stream()).distinct().toList();
        return new ClusterSettings(name, key, address, door, port, all, peersFile, mdns, strategy, web);
    }

    static ClusterSettings usual(Path key) {
        return new ClusterSettings(
                NAME,
                key,
                Optional.empty(),
                Candidate.DOOR_PORT,
                PORT,
                List.of(),
                Optional.empty(),
                Mdns.AUTO,
                Strategy.SPREAD);
    }
}
