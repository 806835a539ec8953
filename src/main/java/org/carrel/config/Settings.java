package org.carrel.config;

import static org.carrel.domain.Require.require;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.App;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.route.Network;
import org.carrel.trust.Role;

/// The whole of `carrel.yaml`, checked, with every default filled in. What each key means stands in
/// `docs/guide/config.md`.
/// @param listen          where the gateway listens, at least one
/// @param hosts           more names the portal answers to, lower case; localhost and own addresses always count
/// @param contentDomain   below which each session has its own origin, without `*.`; empty: path mode
/// @param usersFile       names, hashed passwords and groups
/// @param insecure        plain http from other machines is accepted, knowingly
/// @param tls             certificate and key of the listener; empty: plain http
/// @param trustedProxies  whose `X-Forwarded-…` is believed
/// @param appsDirectory   a directory dropped there becomes an app
/// @param stateDirectory  what must outlive a restart
/// @param runDirectory    sockets; short, because the path of a unix socket is at most 100 bytes
/// @param sharedHomes     where users' files lie on every machine alike; empty: each machine has its own
/// @param cluster         how other nodes are found, where there is a cluster key
/// @param faces           older systems whose words are spoken too
/// @param drain           how long a stop waits for requests in flight
/// @param upgradeDrain    how long they may take to end in a program whose place was taken; at most a day
/// @param apps            those written in the file, by id; at most 500
public record Settings(
        List<Listen> listen,
        List<String> hosts,
        Optional<String> contentDomain,
        Path usersFile,
        Node node,
        ClusterSettings cluster,
        FaceSettings faces,
        Limits limits,
        Duration drain,
        Duration upgradeDrain,
        LogFormat log,
        boolean insecure,
        Optional<Tls> tls,
        List<Network> trustedProxies,
        Path appsDirectory,
        Path stateDirectory,
        Path runDirectory,
        Optional<Path> sharedHomes,
        List<App> apps) {
    /// a long download, say
    static final Duration UPGRADE_DRAIN = Duration.ofHours(1);

    public Settings {
        require(!listen.isEmpty(), "there must be an address to listen at");
        listen = List.copyOf(listen);
        hosts = List.copyOf(hosts);
        trustedProxies = List.copyOf(trustedProxies);
        apps = List.copyOf(apps);
    }

    /// The same with another cap on sessions.
    public Settings withSessions(int most) {
        Capacity capacity = node.capacity();
        Node capped = new Node(
                node.name(), new Capacity(capacity.total(), most, capacity.starts()), node.labels(), node.roles());
        return new Settings(
                listen,
                hosts,
                contentDomain,
                usersFile,
                capped,
                cluster,
                faces,
                limits,
                drain,
                upgradeDrain,
                log,
                insecure,
                tls,
                trustedProxies,
                appsDirectory,
                stateDirectory,
                runDirectory,
                sharedHomes,
                apps);
    }

    /// The same with another address for other nodes.
    public Settings withCluster(ClusterSettings other) {
        return new Settings(
                listen,
                hosts,
                contentDomain,
                usersFile,
                node,
                other,
                faces,
                limits,
                drain,
                upgradeDrain,
                log,
                insecure,
                tls,
                trustedProxies,
                appsDirectory,
                stateDirectory,
                runDirectory,
                sharedHomes,
                apps);
    }

    /// The same but for the apps: what a reload can't change is compared by it.
    public Settings withApps(List<App> others) {
        return new Settings(
                listen,
                hosts,
                contentDomain,
                usersFile,
                node,
                cluster,
                faces,
                limits,
                drain,
                upgradeDrain,
                log,
                insecure,
                tls,
                trustedProxies,
                appsDirectory,
                stateDirectory,
                runDirectory,
                sharedHomes,
                others);
    }

    /// Two PEM files.
    /// @param certificate the server's own first, then those above it
    /// @param key         PKCS #8, without a password
    public record Tls(Path certificate, Path key) {}

    /// @param host a literal address, or `localhost`
    /// @param port 0 to 65535; 0: any free one
    public record Listen(String host, int port) {
        public Listen {
            require(port >= 0 && port < 65536, "not a port: " + port);
        }

        /// `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:80`, or only a port, which means loopback
        static Listen of(String text) {
            String wanted = "must be an address and a port such as 127.0.0.1:8080, not \"" + Tree.shown(text) + "\"";
            if (text.matches("\\d{1,5}") && Integer.parseInt(text) < 65536)
                return new Listen("127.0.0.1", Integer.parseInt(text));
            int colon = text.lastIndexOf(':');
            String port = text.substring(colon + 1);
            if (colon < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535)
                throw new IllegalArgumentException(wanted);
            String host = text.substring(0, colon);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            if (bracketed) host = host.substring(1, host.length() - 1);
            if (host.indexOf(':') >= 0 && !bracketed)
                throw new IllegalArgumentException(wanted + "; an IPv6 address needs brackets");
            if (!host.equals("localhost") && literal(host).isEmpty()) throw new IllegalArgumentException(wanted);
            return new Listen(host, Integer.parseInt(port));
        }

        public boolean isLoopback() {
            return host.equals("localhost")
                    || literal(host).map(InetAddress::isLoopbackAddress).orElse(false);
        }

        /// Never asks a name server. @throws IllegalStateException never for what `of` made
        public InetAddress address() {
            return literal(host.equals("localhost") ? "127.0.0.1" : host)
                    .orElseThrow(() -> new IllegalStateException("not an address: " + host));
        }

        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// @param capacity what sessions may have of this machine together
    /// @param labels   for apps that need them, at most 32
    /// @param roles    at least one: without `agent` no session begins there, without `gateway` it serves
    ///                 nobody
    public record Node(NodeName name, Capacity capacity, Map<String, String> labels, Set<Role> roles) {
        public static final Set<Role> ALL_ROLES = Set.of(Role.AGENT, Role.GATEWAY);

        public Node {
            labels = Map.copyOf(labels);
            roles = Set.copyOf(roles);
            require(!roles.isEmpty(), "a node has a role");
        }

        public Node(NodeName name, Capacity capacity) {
            this(name, capacity, Map.of(), ALL_ROLES);
        }
    }

    /// Bounds of the gateway and the agent. Sizes in bytes.
    /// @param headBytes            request line and headers of one request
    /// @param headers              their number
    /// @param connections          of browsers, all together
    /// @param connectionsPerAddress of one browser's address
    /// @param headTimeout          from the first byte of a head to its last
    /// @param bodySilence          without a byte of a body that is being sent
    /// @param keepAlive            between two requests on a connection
    /// @param connectTimeout       to a session
    /// @param answerSilence        without a byte of an answer that is awaited; long, because of long polls
    /// @param pageBodyBytes        of a request to our own pages and API
    /// @param websocketFrameBytes  of one frame
    /// @param logBytes             of a session's log before it is rotated
    /// @param diskReserveBytes     free space below which no session is started
    public record Limits(
            int headBytes,
            int headers,
            int connections,
            int connectionsPerAddress,
            Duration headTimeout,
            Duration bodySilence,
            Duration keepAlive,
            Duration connectTimeout,
            Duration answerSilence,
            int pageBodyBytes,
            int websocketFrameBytes,
            long logBytes,
            long diskReserveBytes) {
        public static final Limits DEFAULT = new Limits(
                32 << 10,
                100,
                10_000,
                1_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(75),
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                1 << 20,
                64 << 20,
                10L << 20,
                64L << 20);
    }

    public enum LogFormat {
        /// for people
        PLAIN,
        /// one object on a line
        JSON
    }

    /// A range of addresses, for example `10.0.0.0/8`, or one address; names are refused.
    static Network network(String text) {
        String wanted = "must be an address or a range such as 10.0.0.0/8, not \"" + Tree.shown(text) + "\"";
        int slash = text.indexOf('/');
        Optional<byte[]> address =
                literal(slash < 0 ? text : text.substring(0, slash)).map(InetAddress::getAddress);
        String bits = slash < 0 ? "" : text.substring(slash + 1);
        if (address.isEmpty() || slash >= 0 && !bits.matches("\\d{1,3}")) throw new IllegalArgumentException(wanted);
        int most = address.get().length * 8;
        int wantedBits = slash < 0 ? most : Integer.parseInt(bits);
        if (wantedBits > most) throw new IllegalArgumentException(wanted);
        return Network.of(address.get(), wantedBits);
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }
}
