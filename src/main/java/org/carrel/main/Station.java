package org.carrel.main;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.carrel.agent.Agent;
import org.carrel.agent.AgentSettings;
import org.carrel.agent.SteadyTime;
import org.carrel.auth.Auth;
import org.carrel.auth.file.FileAuthenticator;
import org.carrel.auth.file.Users;
import org.carrel.cluster.Membership;
import org.carrel.config.Configuration;
import org.carrel.config.LiveCatalogue;
import org.carrel.config.Report;
import org.carrel.config.Settings;
import org.carrel.control.Api;
import org.carrel.control.NodeFolding;
import org.carrel.control.Timeline;
import org.carrel.control.page.AuthFaces;
import org.carrel.control.page.PortalPages;
import org.carrel.control.page.PortalSettings;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.route.Addresses;
import org.carrel.door.Gates;
import org.carrel.face.picluster.Neighbourhood;
import org.carrel.face.picluster.PiClusterFace;
import org.carrel.front.Fronts;
import org.carrel.gateway.CountingMetrics;
import org.carrel.gateway.Gateway;
import org.carrel.gateway.GatewaySettings;
import org.carrel.gateway.Limits;
import org.carrel.gateway.restart.Listening;
import org.carrel.gateway.tls.Certificate;
import org.carrel.launch.Launcher;
import org.carrel.launch.process.ProcessLauncher;
import org.carrel.ledger.AuditLog;
import org.carrel.ledger.SessionEntries;
import org.carrel.place.NodeAnswers;
import org.carrel.place.Placements;
import org.carrel.port.Drains;
import org.carrel.port.Invites;
import org.carrel.port.Members;
import org.carrel.port.NodeMetadata;
import org.carrel.port.PlaceCalls;
import org.carrel.port.ServiceNodes;
import org.carrel.port.Sessions;
import org.carrel.port.ShutOuts;
import org.carrel.port.Starts;
import org.carrel.port.Views;
import org.carrel.telemetry.CountingStarts;
import org.carrel.telemetry.Metrics;
import org.carrel.telemetry.OpsHandler;
import org.carrel.telemetry.SessionTally;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.NodeIdentity;
import org.carrel.trust.Trust;

/// Everything that runs in one program, opened in the order of need: agent (adopts what runs), door, gateway,
/// membership.
/// Closing
/// is the same list backwards; sessions stay. The agent comes as late as it can, because as root it waits for the
/// starter.
final class Station implements AutoCloseable {
    /// A node that finds no cluster in this time goes on with what it knows.
    private static final Duration MEMBER_PATIENCE = Duration.ofSeconds(30);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Settings settings;
    private final LiveCatalogue catalogue;
    private final Agent agent;
    private final Gateway gateway;
    private final Optional<Certificate> certificate;

    /// opened last, closed first
    private Optional<InCluster> membership = Optional.empty();

    /// Doesn't accept yet; see `gateway`.
    /// @param launchers start sessions; not closed with the station
    /// @param clusterKey where this node is one of several
    /// @param listening sockets that are there already, the station's from now on
    static Station open(
            Settings settings,
            Configuration configuration,
            Catalog plugIns,
            Launchers launchers,
            Optional<ClusterKey> clusterKey,
            List<Listening> listening)
            throws IOException {
        return new Station(settings, configuration, plugIns, launchers, clusterKey, listening);
    }

    private Station(
            Settings settings,
            Configuration configuration,
            Catalog plugIns,
            Launchers launchers,
            Optional<ClusterKey> clusterKey,
            List<Listening> listening)
            throws IOException {
        this.settings = settings;
        InstantSource time = SteadyTime.from(InstantSource.system());
        Thread.ofPlatform().daemon().name("gateway-ahead").start(Gateway::prepare);
        try {
            AuditLog audit = open(AuditLog.open(Launchers.auditDirectory(settings), time));
            catalogue = open(LiveCatalogue.open(configuration, settings, plugIns::obstacle, time, audit));
            Users users = open(Users.open(settings.usersFile()));
            Auth auth = open(Auth.open(
                    Launchers.authDirectory(settings),
                    clusterKey.flatMap(key -> key.derived(ClusterSide.COOKIES)),
                    users,
                    List.of(new FileAuthenticator(users)),
                    time,
                    audit));
            Addresses fixed = addresses();
            Supplier<Addresses> addresses = () -> fixed.with(catalogue.services());
            ProcessLauncher launcher = open(launchers.launcher());
            Optional<NodeIdentity> me = Optional.empty();
            if (clusterKey.isPresent()) me = Optional.of(ClusterSide.identity(settings));
            agent = open(Agent.open(
                    agentSettings(launcher),
                    catalogue,
                    List.of(launcher, launcher.attaching()),
                    plugIns.kinds(),
                    time));
            Metrics metrics = open(new Metrics(agent));
            open(new SessionTally(agent, metrics, time));
            open(new SessionEntries(agent, audit, time));
            metrics.counter("carrel.audit.entries", "entries in the audit log", Map.of(), audit::written);
            metrics.counter("carrel.audit.lost", "entries in the program's log only", Map.of(), audit::lost);
            boolean copied = me.isPresent() && me.get().copiedFrom().isPresent();
            HomeSide homes = open(HomeSide.open(settings, copied, catalogue, plugIns));
            NodeAnswers places = new NodeAnswers(settings.node().name(), agent, homes.homes(), time);
            Optional<ClusterSide> cluster = Optional.empty();
            if (clusterKey.isPresent()) {
                Trust trust = open(ClusterSide.trust(clusterKey.get(), me.orElseThrow(), settings, time));
                cluster = Optional.of(open(new ClusterSide(trust, settings, agent, places, auth, metrics, audit)));
            }
            Views views = cluster.map(ClusterSide::views).orElse(agent);
            Sessions sessions = cluster.map(ClusterSide::sessions).orElse(agent);
            homes.serve(settings, agent, launcher, cluster, views, time);
            Instant opened = time.instant();
            boolean alone = cluster.isEmpty();
            Placements placements = open(new Placements(new Placements.Parts(
                    settings.node().name(),
                    views,
                    catalogue,
                    homes.homes(),
                    places,
                    cluster.map(ClusterSide::placing).orElse(PlaceCalls.NOBODY),
                    settings.node().labels(),
                    settings.cluster().strategy(),
                    () -> alone || isMember() || time.instant().isAfter(opened.plus(MEMBER_PATIENCE)),
                    time)));
            metrics.gauge("carrel.placements", "begins that are under way or wait", Map.of(), placements::size);
            Starts starts = new CountingStarts(
                    cluster.<Starts>map(it -> new GatewayStarts(placements, it::isGateway))
                            .orElse(placements),
                    metrics);
            if (settings.faces().maat().isPresent())
                open(MaatPort.open(settings.faces().maat().get(), () -> fixed, metrics, time));
            Fronts fronts = open(new Fronts(
                    catalogue,
                    plugIns::hasFront,
                    views,
                    cluster.map(ClusterSide::admission).orElse(agent),
                    cluster.map(ClusterSide::gates).orElseGet(Gates::new),
                    cluster.map(ClusterSide::trust),
                    (app, counts) -> FrontGauges.bind(metrics, app, counts)));
            fronts.open();
            Settings.Listen first = settings.listen().getFirst();
            certificate = openCertificate(metrics, time);
            NodeFolding nodes = new NodeFolding(new NodeFolding.Own(
                    roles(cluster), settings.node().labels(), () -> InCluster.startable(catalogue)));
            Api api = new Api(new Api.Parts(
                    starts,
                    sessions,
                    views,
                    nodes,
                    open(new Timeline(views, nodes, time)),
                    drains(cluster),
                    metadata(cluster),
                    open(placements.launches(metadata(cluster), services(cluster))),
                    this::forget,
                    cluster.map(ClusterSide::shutOuts).orElse(ShutOuts.NOWHERE),
                    homes.desks(),
                    cluster.map(ClusterSide::invites).orElse(Invites.NOWHERE),
                    catalogue,
                    addresses,
                    plugIns::rules,
                    AuthFaces.tokens(auth),
                    AuthFaces.passwords(auth),
                    AuthFaces.csrf(auth),
                    auth.identities(),
                    audit,
                    new NodeTroubles(catalogue, users, agent.orphans()),
                    new Api.Door(scheme(), portalHost() + ":" + first.port()),
                    version()));
            OpsHandler ops = new OpsHandler(
                    metrics,
                    List.of(
                            new OpsHandler.Check("disk", this::diskObstacle),
                            new OpsHandler.Check(
                                    "settings", () -> catalogue.lastProblem().map(Report::pretty))));
            PortalPages pages = new PortalPages(new PortalPages.Parts(
                    starts,
                    sessions,
                    views,
                    catalogue,
                    auth,
                    cluster.map(ClusterSide::codes).orElse(auth.codes()),
                    audit,
                    addresses,
                    plugIns::rules,
                    api,
                    ops,
                    new PortalSettings("Carrel", portalHost())));
            CountingMetrics traffic = new CountingMetrics();
            TrafficGauges.bind(traffic, metrics);
            gateway = open(Gateway.open(
                    gatewaySettings(),
                    listening,
                    addresses,
                    auth.identities(),
                    views,
                    cluster.map(ClusterSide::admission).orElse(agent),
                    cluster.map(ClusterSide::trust),
                    new FacedPages(
                            pages, new PiClusterFace(new Neighbourhood(views, this::clusterAddress), agent, audit)),
                    traffic));
            cluster.flatMap(ClusterSide::webDoor).ifPresent(gateway::leadTo);
            if (cluster.isPresent())
                membership =
                        Optional.of(InCluster.open(cluster.get(), settings, agent, catalogue, homes, metrics, time));
        } catch (IOException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    /// Those of its certificate; alone those of the settings.
    private Supplier<Set<String>> roles(Optional<ClusterSide> cluster) {
        return () -> InCluster.words(
                cluster.map(it -> it.trust().roles()).orElse(settings.node().roles()));
    }

    private Drains drains(Optional<ClusterSide> cluster) {
        return (node, on) -> {
            if (node.equals(settings.node().name())) agent.drain(on);
            else
                cluster.orElseThrow(() -> new IOException("there is no other node"))
                        .drains()
                        .drain(node, on);
        };
    }

    private NodeMetadata metadata(Optional<ClusterSide> cluster) {
        return (node, change) -> node.equals(settings.node().name())
                ? agent.change(change)
                : cluster.orElseThrow(() -> new IOException("there is no other node"))
                        .metadata()
                        .change(node, change);
    }

    private ServiceNodes services(Optional<ClusterSide> cluster) {
        return (node, app, from) -> node.equals(settings.node().name())
                ? agent.look(app, from)
                : cluster.orElseThrow(() -> new IOException("there is no other node"))
                        .services()
                        .look(node, app, from);
    }

    private String clusterAddress() {
        try {
            return Membership.address(settings.cluster()).getHostAddress();
        } catch (IOException none) {
            return "127.0.0.1"; // alone, and without a network
        }
    }

    private Members.Forgot forget(NodeName name) {
        return membership.<Members>map(it -> it).orElse(Members.ALONE).forget(name);
    }

    /// Of a cluster, if only of itself.
    boolean isMember() {
        return membership.filter(InCluster::isMember).isPresent();
    }

    Agent agent() {
        return agent;
    }

    Gateway gateway() {
        return gateway;
    }

    /// Everything but the gateway, which has begun to leave: what only one program may hold is free then.
    void closeBehind() {
        membership.ifPresent(InCluster::abandon);
        membership = Optional.empty();
        opened.pop(); // the gateway, opened last
        close();
    }

    /// the one it got, where the settings said any
    int port() {
        return gateway.address().getPort();
    }

    /// as a browser on this machine would write it
    String portalAddress() {
        return scheme() + "://" + portalHost() + ":" + port() + "/";
    }

    static String version() {
        String version = Station.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private String scheme() {
        return settings.tls().isPresent() ? "https" : "http";
    }

    private Optional<Certificate> openCertificate(Metrics metrics, InstantSource time) throws IOException {
        if (settings.tls().isEmpty()) return Optional.empty();
        Settings.Tls files = settings.tls().get();
        Certificate opened = open(Certificate.open(files.certificate(), files.key(), time));
        metrics.gauge(
                "carrel_certificate_ends_seconds",
                "when the certificate in use ends, since 1970",
                Map.of(),
                () -> opened.ends().getEpochSecond());
        metrics.gauge(
                "carrel_certificate_faults",
                "1 while changed files can't be used or the end is near",
                Map.of(),
                () -> opened.problem().isPresent() ? 1 : 0);
        return Optional.of(opened);
    }

    private AgentSettings agentSettings(Launcher launcher) {
        AgentSettings usual = AgentSettings.of(
                settings.node().name(),
                version(),
                Launchers.agentDirectory(settings),
                settings.runDirectory(),
                settings.node().capacity(),
                launcher.isolation());
        return new AgentSettings(
                usual.node(),
                usual.version(),
                usual.stateDirectory(),
                usual.runDirectory(),
                usual.capacity(),
                usual.reservationLife(),
                usual.endedKept(),
                usual.sampleInterval(),
                settings.limits().diskReserveBytes(),
                settings.limits().logBytes(),
                usual.logCopies(),
                usual.isolation(),
                settings.node().labels());
    }

    private GatewaySettings gatewaySettings() {
        Settings.Limits limits = settings.limits();
        GatewaySettings usual =
                GatewaySettings.on(socketAddress(settings.listen().getFirst()));
        Limits.Counts counts = Limits.Counts.DEFAULT;
        Limits.Silences silences = Limits.Silences.DEFAULT;
        return new GatewaySettings(
                settings.listen().stream().map(Station::socketAddress).toList(),
                new Limits(
                        new Limits.Sizes(
                                limits.headBytes(),
                                limits.headers(),
                                limits.pageBodyBytes(),
                                limits.websocketFrameBytes()),
                        new Limits.Counts(
                                limits.connections(),
                                limits.connectionsPerAddress(),
                                counts.requestsPerConnection(),
                                counts.pagesAtOnce(),
                                counts.eventStreams(),
                                counts.upstreamPerSession(),
                                counts.idleUpstreamPerSession()),
                        new Limits.Silences(
                                limits.headTimeout(),
                                limits.bodySilence(),
                                limits.keepAlive(),
                                limits.connectTimeout(),
                                limits.answerSilence(),
                                silences.upstreamIdle(),
                                silences.stall(),
                                silences.ping(),
                                silences.recheck())),
                settings.drain(),
                settings.trustedProxies(),
                certificate.map(it -> it::context),
                usual.eventLoops(),
                usual.nativeEpoll(),
                Optional.of(Launchers.localSocket(settings)));
    }

    private static InetSocketAddress socketAddress(Settings.Listen listen) {
        return new InetSocketAddress(listen.address(), listen.port());
    }

    /// The names this program answers for: the configured ones, localhost and the machine's own addresses.
    private Addresses addresses() throws IOException {
        Set<String> hosts = new HashSet<>(settings.hosts());
        hosts.add("localhost");
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList())
            for (InetAddress address : network.inetAddresses().toList()) {
                String text = address.getHostAddress();
                int zone = text.indexOf('%');
                if (zone >= 0) text = text.substring(0, zone);
                hosts.add(text.indexOf(':') < 0 ? text : "[" + text + "]");
            }
        hosts.add("[::1]");
        return new Addresses(hosts, settings.contentDomain().map(domain -> domain.toLowerCase(Locale.ROOT)));
    }

    private String portalHost() {
        return settings.hosts().isEmpty() ? "localhost" : settings.hosts().getFirst();
    }

    private Optional<String> diskObstacle() {
        Path state = settings.stateDirectory();
        try {
            long free = Files.getFileStore(state).getUsableSpace();
            return free >= settings.limits().diskReserveBytes()
                    ? Optional.empty()
                    : Optional.of("the disk of " + state + " has " + (free >> 20) + " MiB left");
        } catch (IOException gone) {
            return Optional.of("can't look at " + state + ": " + gone.getMessage());
        }
    }

    private <T extends AutoCloseable> T open(T part) {
        opened.push(part);
        return part;
    }

    @Override
    public void close() {
        Failures failures = new Failures("closing");
        membership.ifPresent(it -> failures.run(it::close));
        while (!opened.isEmpty()) failures.run(opened.pop()::close);
        failures.report();
    }
}
