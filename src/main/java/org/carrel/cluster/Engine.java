package org.carrel.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.remote.artery.tcp.SSLEngineProviderSetup;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.jspecify.annotations.Nullable;

/// One run of the cluster engine (Pekko): starts, joins, lists members, carries what nodes say of
/// themselves, ends. Nothing here decides; a new run begins with a new engine, in the same program.
final class Engine implements AutoCloseable {
    private static final String ID_ROLE = "id.";
    private static final String NAME_ROLE = "name.";
    private static final Duration END_MOST = Duration.ofSeconds(8);

    /// @param host      canonical, without brackets
    /// @param port      0: any free one
    /// @param tls       empty: plain, for tests on loopback
    /// @param registry  of the detectors
    /// @param changed   told on a thread of the engine's when the list of members has changed; never blocks
    record Setup(
            String cluster,
            NodeId id,
            NodeName name,
            String host,
            int port,
            Optional<TlsEngines> tls,
            PhiRegistry registry,
            Runnable changed) {}

    /// A member as the engine lists it.
    /// @param self      as `Claim.self` writes it
    /// @param joining   welcomed, and not yet up for all
    /// @param reachable no watcher says otherwise
    record Seen(
            NodeId id,
            NodeName name,
            String address,
            String self,
            int age,
            boolean joining,
            boolean leaving,
            boolean reachable) {}

    /// The engine's states are never changed, only replaced.
    private record Listed(@Nullable CurrentClusterState of, List<Seen> members) {}

    private final ActorSystem<Spokesman.Order> system;
    private final Cluster cluster;
    private final String address;
    private final String run;
    private final Map<NodeId, Spokesman.Said> said = new ConcurrentHashMap<>();
    private volatile Listed listed = new Listed(null, List.of());

    /// Blocks for seconds.
    /// @throws IOException when the address can't be had
    Engine(Setup setup) throws IOException {
        String name = "carrel-" + setup.cluster();
        BootstrapSetup boot = BootstrapSetup.create(config(setup));
        ActorSystemSetup all = setup.tls()
                .map(tls -> ActorSystemSetup.create(boot, SSLEngineProviderSetup.create(_ -> tls)))
                .orElseGet(() -> ActorSystemSetup.create(boot));
        try {
            system = ActorSystem.create(Spokesman.behaviour(setup.id(), said, setup.changed()), name, all);
        } catch (RuntimeException refused) {
            throw new IOException(
                    "membership can't listen at " + setup.host() + ":" + setup.port() + ": " + root(refused), refused);
        }
        cluster = Cluster.get(system);
        address = place(cluster.selfAddress());
        run = Long.toHexString(cluster.selfUniqueAddress().longUid());
    }

    private static String root(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && cause.getCause() != cause) cause = cause.getCause();
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private static Config config(Setup setup) {
        String host = setup.host().indexOf(':') >= 0 ? "[" + setup.host() + "]" : setup.host();
        Map<String, Object> own = Map.of(
                "pekko.remote.artery.canonical.hostname",
                host,
                "pekko.remote.artery.canonical.port",
                setup.port(),
                "pekko.remote.artery.transport",
                setup.tls().isPresent() ? "tls-tcp" : "tcp",
                "pekko.cluster.roles",
                List.of(ID_ROLE + setup.id().value(), NAME_ROLE + setup.name().value()),
                "pekko.cluster.failure-detector." + PhiRegistry.KEY,
                setup.registry().id(),
                "pekko.cluster.failure-detector.implementation-class",
                PeerDetector.class.getName());
        return ConfigFactory.parseMap(own).withFallback(Usual.CONFIG).resolve();
    }

    private static final class Usual {
        static final Config CONFIG = ConfigFactory.parseResources(Engine.class, "/cluster.conf")
                .withFallback(ConfigFactory.defaultReference(Engine.class.getClassLoader()));
    }

    /// host:port
    String address() {
        return address;
    }

    /// another each time an engine starts
    String run() {
        return run;
    }

    /// @param address of a member; our own: begins a cluster
    void join(String address) {
        cluster.join(
                AddressFromURIString.parse(cluster.selfAddress().protocol() + "://" + system.name() + "@" + address));
    }

    /// Welcomed by a member, or founder; and not on the way out.
    boolean isMember() {
        MemberStatus own = cluster.selfMember().status();
        return !cluster.isTerminated()
                && (own == MemberStatus.up() || own == MemberStatus.weaklyUp() || own == MemberStatus.joining())
                && cluster.state().getMembers().iterator().hasNext();
    }

    /// Removed by the others, or ended from within: this run can't become a member again.
    boolean isOver() {
        return cluster.isTerminated()
                || system.whenTerminated().isCompleted()
                || cluster.selfMember().status() == MemberStatus.down();
    }

    /// All members, this one too, the oldest first.
    List<Seen> members() {
        CurrentClusterState state = cluster.state();
        Listed before = listed;
        if (before.of() == state) return before.members();
        List<Seen> members = List.copyOf(members(state));
        listed = new Listed(state, members);
        return members;
    }

    private static List<Seen> members(CurrentClusterState state) {
        Set<Member> unreachable = state.getUnreachable();
        List<Seen> seen = new ArrayList<>();
        for (Member member : state.getMembers())
            seen(member, !unreachable.contains(member)).ifPresent(seen::add);
        for (Member member : unreachable)
            if (seen.stream().noneMatch(it -> it.self().equals(self(member))))
                seen(member, false).ifPresent(seen::add);
        seen.sort(Comparator.comparingInt(Seen::age).thenComparing(Seen::self));
        return seen;
    }

    private static Optional<Seen> seen(Member member, boolean reachable) {
        MemberStatus status = member.status();
        if (status == MemberStatus.removed() || status == MemberStatus.down()) return Optional.empty();
        try {
            return Optional.of(new Seen(
                    new NodeId(role(member, ID_ROLE)),
                    new NodeName(role(member, NAME_ROLE)),
                    place(member.address()),
                    self(member),
                    member.upNumber(),
                    status == MemberStatus.joining(),
                    status == MemberStatus.leaving() || status == MemberStatus.exiting(),
                    reachable));
        } catch (IllegalArgumentException nameless) {
            return Optional.empty(); // no node of ours has no id
        }
    }

    private static String role(Member member, String prefix) {
        for (String role : member.getRoles()) if (role.startsWith(prefix)) return role.substring(prefix.length());
        return "";
    }

    private static String self(Member member) {
        return place(member.address()) + "#"
                + Long.toHexString(member.uniqueAddress().longUid());
    }

    private static String place(Address address) {
        return address.hostPort().substring(address.hostPort().lastIndexOf('@') + 1);
    }

    /// Says these of this node to all others; only entries that changed travel.
    /// @param floor of the clock by which the newest wins: greater for each run
    void say(Map<String, String> entries, long floor) {
        system.tell(new Spokesman.Order.Say(Map.copyOf(entries), floor));
    }

    void listenTo(Set<NodeId> nodes) {
        system.tell(new Spokesman.Order.ListenTo(Set.copyOf(nodes)));
    }

    Map<NodeId, Spokesman.Said> said() {
        return said;
    }

    /// Takes a member off everybody's list.
    void forget(String address) {
        cluster.down(
                AddressFromURIString.parse(cluster.selfAddress().protocol() + "://" + system.name() + "@" + address));
    }

    /// Tells the others first, so that they don't wait for its heartbeats.
    void leave(Duration patience) throws InterruptedException {
        cluster.leave(cluster.selfAddress());
        long deadline = System.nanoTime() + patience.toNanos();
        while (!cluster.isTerminated() && System.nanoTime() < deadline) TimeUnit.MILLISECONDS.sleep(50);
    }

    /// Ends without a word: for the others it is out of reach from now on.
    @Override
    public void close() {
        system.terminate();
        try {
            system.getWhenTerminated().toCompletableFuture().get(END_MOST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException slow) {
            system.log().warn("membership ends slowly cause={}", slow.toString());
        }
    }
}
