package org.carrel.main;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.carrel.agent.Agent;
import org.carrel.auth.Auth;
import org.carrel.cluster.ClusterViews;
import org.carrel.cluster.Membership;
import org.carrel.config.Settings;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.NodeId;
import org.carrel.door.AgentCalls;
import org.carrel.door.Calls;
import org.carrel.door.ClusterAdmission;
import org.carrel.door.ClusterCodes;
import org.carrel.door.ClusterSessions;
import org.carrel.door.Door;
import org.carrel.door.DoorCounts;
import org.carrel.door.DoorLimits;
import org.carrel.door.DoorProbes;
import org.carrel.door.FarDrains;
import org.carrel.door.FarHomes;
import org.carrel.door.FarMetadata;
import org.carrel.door.FarPlacing;
import org.carrel.door.FarRenewal;
import org.carrel.door.FarServices;
import org.carrel.door.Gates;
import org.carrel.door.JoinDesk;
import org.carrel.door.Neighbours;
import org.carrel.door.PeerCalls;
import org.carrel.door.ProofCalls;
import org.carrel.door.ProofNews;
import org.carrel.door.ShutOutCalls;
import org.carrel.door.ShutOutNews;
import org.carrel.door.WebDoor;
import org.carrel.port.Admission;
import org.carrel.port.Audit;
import org.carrel.port.Drains;
import org.carrel.port.HandOverCodes;
import org.carrel.port.HomeDesk;
import org.carrel.port.Invites;
import org.carrel.port.NodeMetadata;
import org.carrel.port.OtherNode;
import org.carrel.port.Peers;
import org.carrel.port.PlaceAnswers;
import org.carrel.port.PlaceCalls;
import org.carrel.port.Probes;
import org.carrel.port.ServiceNodes;
import org.carrel.port.Sessions;
import org.carrel.port.ShutOuts;
import org.carrel.port.Views;
import org.carrel.telemetry.Metrics;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.NodeIdentity;
import org.carrel.trust.Refusals;
import org.carrel.trust.Role;
import org.carrel.trust.ShutOutList;
import org.carrel.trust.Trust;

/// What makes a node one of several, where there is a cluster key: its certificate, its door, and the sessions of the
/// others. Opened behind the agent and before the gateway.
final class ClusterSide implements AutoCloseable {
    static final String COOKIES = "cookies";

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Trust trust;
    private final ClusterViews wide;
    private final Probes probes;
    private final AgentCalls answers;
    private final Neighbours neighbours;
    private final Sessions sessions;
    private final PlaceCalls placing;
    private final Drains drains;
    private final NodeMetadata metadata;
    private final ServiceNodes services;
    private final FarHomes homes;
    private volatile Calls more = (peer, path, body) -> {
        throw new Calls.NoSuchCall(path);
    };
    private final Admission admission;
    private final HandOverCodes codes;
    private final Optional<JoinDesk> desk;
    private final Optional<WebDoor> webDoor;
    private final Gates gates;

    /// To be asked while root: as root's it can be read by nobody else.
    /// @return empty where this node is alone
    /// @throws IOException when it can't be used, or must not be; the message says what to do
    static Optional<ClusterKey> key(Settings settings) throws IOException {
        if (!Files.exists(settings.cluster().key())) return Optional.empty();
        if (!Privileges.isRoot())
            throw new IOException("without root all sessions run as this program does and could read the cluster key "
                    + settings.cluster().key() + ": start Carrel as root, or move the key away to be alone");
        return Optional.of(ClusterKey.open(settings.cluster().key()));
    }

    ClusterSide(
            Trust trust, Settings settings, Agent agent, PlaceAnswers places, Auth auth, Metrics metrics, Audit audit)
            throws IOException {
        this.trust = trust;
        try {
            PeerCalls calls = open(new PeerCalls(trust));
            probes = new DoorProbes(calls);
            wide = open(new ClusterViews(agent));
            ScheduledExecutorService lookout = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("door-lookout").factory());
            open(lookout::shutdownNow); // its own close would wait for a name that is being looked up
            Peers doors = new KnownDoors(
                    settings.cluster().web().doors(),
                    Stream.concat(settings.cluster().peers().stream(), issuers().stream())
                            .toList(),
                    wide);
            Peers asGateway = () -> isGateway() ? doors.doors() : List.of();
            neighbours = open(new Neighbours(trust.node(), wide, lookout, asGateway, calls));
            answers = open(
                    new AgentCalls(trust.node(), settings.node().name(), agent, agent, agent, places, agent, agent));
            trust.issuer().ifPresent(answers::signsBy);
            trust.renewBy(new FarRenewal(calls, doors::doors));
            desk = trust.issuer().map(issuer -> new JoinDesk(issuer, this::isAlive, () -> ownDoors(settings), audit));
            Door door = open(Door.open(
                    listen(settings),
                    DoorLimits.DEFAULT,
                    trust,
                    agent,
                    agent,
                    answers.or(new ProofCalls(trust.node(), agent, auth.proofs(), auth.codes()))
                            .or(new ShutOutCalls(trust.node(), trust.shutOut()))
                            .or((peer, path, body) -> more.answer(peer, path, body)),
                    desk));
            open(new ProofNews(trust.node(), lookout, asGateway, calls, auth.proofs()));
            open(new ShutOutNews(trust.node(), lookout, doors, calls, trust.shutOut()));
            codes = new ClusterCodes(agent, auth.codes(), neighbours, calls);
            gates = door.gates();
            webDoor = settings.cluster().web().door() ? Optional.of(open(new WebDoor(door))) : Optional.empty();
            ClusterAdmission gate = open(new ClusterAdmission(agent, neighbours, calls));
            admission = gate;
            sessions = new ClusterSessions(agent, neighbours, calls);
            placing = new FarPlacing(calls, wide, neighbours);
            drains = new FarDrains(calls, wide);
            metadata = new FarMetadata(calls, wide);
            services = new FarServices(calls, wide);
            homes = new FarHomes(calls, wide);
            bind(metrics, trust, door.counts());
        } catch (IOException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    /// To be asked before the agent is opened: where the disk or card was copied from another machine, the journal
    /// tells of
    /// that machine's sessions, and is laid aside.
    static NodeIdentity identity(Settings settings) throws IOException {
        NodeIdentity me = NodeIdentity.open(Launchers.nodeDirectory(settings));
        Path journal = Launchers.agentDirectory(settings).resolve("journal");
        if (me.copiedFrom().isPresent() && Files.exists(journal))
            Files.move(
                    journal,
                    journal.resolveSibling("journal.of-" + me.copiedFrom().get()));
        return me;
    }

    static Trust trust(ClusterKey key, NodeIdentity me, Settings settings, InstantSource time) throws IOException {
        return Trust.open(
                key, me, Launchers.nodeDirectory(settings), settings.node().roles(), time);
    }

    Trust trust() {
        return trust;
    }

    /// The agent's view, where membership puts the other nodes.
    ClusterViews wide() {
        return wide;
    }

    Probes probes() {
        return probes;
    }

    /// Who says what this node is in the cluster.
    void claimsBy(Probes.Answerer answerer) {
        answers.claimsBy(answerer);
    }

    Sessions sessions() {
        return sessions;
    }

    /// Of this node's workloads that speak first.
    Gates gates() {
        return gates;
    }

    /// Placements' calls to the other nodes.
    PlaceCalls placing() {
        return placing;
    }

    /// The other nodes' part in users' homes.
    HomeDesk.Desks homes() {
        return homes;
    }

    /// What this node does for the others besides.
    void answersBy(Calls calls) {
        more = calls;
    }

    Drains drains() {
        return drains;
    }

    ServiceNodes services() {
        return services;
    }

    NodeMetadata metadata() {
        return metadata;
    }

    Views views() {
        return neighbours;
    }

    /// What the public listener leads to, where the settings want it.
    Optional<WebDoor> webDoor() {
        return webDoor;
    }

    HandOverCodes codes() {
        return codes;
    }

    Admission admission() {
        return admission;
    }

    /// Tokens for machines that shall become nodes; only where the cluster's private key is.
    Invites invites() {
        return (life, words) -> {
            if (desk.isEmpty())
                return new Invites.Invited.Impossible(
                        "this node joined by a token itself; ask one that has the cluster's key");
            return desk.get()
                    .invite(
                            life,
                            words.stream()
                                    .flatMap(word -> Role.of(word).stream())
                                    .collect(Collectors.toSet()))
                    .<Invites.Invited>map(token -> new Invites.Invited.Token(token.text(), token.id(), token.expires()))
                    .orElseGet(Invites.Invited.Crowded::new);
        };
    }

    /// Machines that are let in no more.
    ShutOuts shutOuts() {
        return new ClusterShutOuts(trust, wide);
    }

    /// doors of nodes that can sign, as they were named when this node joined
    List<Candidate> issuers() {
        return trust.issuers().stream().map(Candidate::of).toList();
    }

    private boolean isAlive(NodeId id) {
        return wide.current().others().values().stream()
                .anyMatch(node -> node.id().equals(id) && node.state() != OtherNode.State.UNREACHABLE);
    }

    private static List<String> ownDoors(Settings settings) {
        try {
            InetAddress address = Membership.address(settings.cluster());
            return List.of(
                    new Candidate(address.getHostAddress(), settings.cluster().door()).toString());
        } catch (IOException unknown) {
            throw new UncheckedIOException("this node doesn't know its own address", unknown);
        }
    }

    /// By its certificate. Else the other nodes answer nothing that is asked for a user.
    boolean isGateway() {
        return trust.roles().contains(Role.GATEWAY);
    }

    private static InetSocketAddress listen(Settings settings) {
        Optional<InetAddress> address = settings.cluster().address();
        int port = settings.cluster().door();
        return address.map(it -> new InetSocketAddress(it, port)).orElseGet(() -> new InetSocketAddress(port));
    }

    private static void bind(Metrics metrics, Trust trust, DoorCounts counts) {
        for (DoorCounts.Turned why : DoorCounts.Turned.values())
            metrics.counter(
                    "carrel_door_turned_away",
                    "Connections of other nodes, or to sessions, that were turned away at the door",
                    Map.of("why", why.word()),
                    () -> counts.turned(why));
        for (Refusals.Cause cause : Refusals.Cause.values())
            metrics.counter(
                    "carrel_peers_refused",
                    "Certificates of other nodes that were refused",
                    Map.of("cause", cause.word()),
                    () -> trust.refusals().count(cause));
        metrics.gauge(
                "carrel_nodes_shut_out",
                "Machines that are let in no more",
                Map.of(),
                () -> trust.shutOut().words().stream()
                        .filter(ShutOutList.Word::out)
                        .count());
        metrics.gauge("carrel_door_connections", "Open connections of other nodes", Map.of(), counts::connections);
        metrics.gauge(
                "carrel_door_streams", "Open connections to sessions through the door", Map.of(), counts::streams);
        metrics.counter("carrel_door_opened", "Connections to sessions through the door", Map.of(), counts::opened);
        metrics.gauge(
                "carrel_certificate_until",
                "When this node's certificate expires, in seconds since 1970",
                Map.of(),
                () -> trust.validUntil().getEpochSecond());
    }

    private <T extends AutoCloseable> T open(T part) {
        opened.push(part);
        return part;
    }

    @Override
    public void close() {
        Failures failures = new Failures("closing");
        while (!opened.isEmpty()) failures.run(opened.pop()::close);
        failures.report();
    }
}
