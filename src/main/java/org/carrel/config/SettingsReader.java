package org.carrel.config;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.config.AppReader.Given;
import org.carrel.config.Settings.Limits;
import org.carrel.config.Settings.Listen;
import org.carrel.config.Settings.LogFormat;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Strategy;
import org.carrel.domain.route.Network;
import org.carrel.port.DoorUrl;
import org.carrel.trust.Role;

/// Gives the tree its meaning. All defaults stand here and in `Limits.DEFAULT`, and nowhere else.
final class SettingsReader {
    static final int APPS_MOST = 500;
    /// 100 for the path of a socket, less `/`, a session's id and `/s`
    private static final int RUN_PATH_MOST = 81;

    private static final Map<String, Strategy> STRATEGIES =
            Map.of("spread", Strategy.SPREAD, "fewest-sessions", Strategy.FEWEST_SESSIONS, "pack", Strategy.PACK);

    private final Places places;
    private final Machine machine;
    private final Set<String> kinds;
    private final boolean keyComes;
    private final Report.Collector findings;

    /// @param keyComes the cluster key need not be there yet
    SettingsReader(Places places, Machine machine, Set<String> kinds, boolean keyComes, Report.Collector findings) {
        this.keyComes = keyComes;
        this.places = places;
        this.machine = machine;
        this.kinds = kinds;
        this.findings = findings;
    }

    /// @param base directory that relative paths begin at
    /// @return meaningful only when findings hold no error
    Settings read(Tree.Fields tree, Path base) {
        Form top = new Form(tree, "", findings);
        List<Listen> listen = top.list("listen", Listen::of)
                .filter(some -> !some.isEmpty())
                .orElse(List.of(new Listen("127.0.0.1", 8080)));
        List<String> hosts = top.list("hosts", HostClaims::host).orElse(List.of());
        Settings.Node node = node(top.sectionOrEmpty("node"));
        if (!node.roles().contains(Role.GATEWAY))
            listen = listen.stream()
                    .map(own -> own.isLoopback() ? own : new Listen("127.0.0.1", own.port()))
                    .distinct()
                    .toList();
        boolean loopback = listen.stream().allMatch(Listen::isLoopback);
        Form sessions = top.sectionOrEmpty("sessions");
        Optional<String> domain = sessions.value("domain", SettingsReader::domain)
                .orElse(loopback ? Optional.of("localhost") : Optional.empty());
        sessions.done();
        warnOfSharedParent(sessions, domain, hosts);
        Form signIn = top.sectionOrEmpty("sign-in");
        Path users = path(signIn, "file", base, places.settings().resolve("users"));
        signIn.done();
        boolean insecure = top.flag("insecure");
        List<Network> proxies = top.list("trusted-proxies", Settings::network).orElse(List.of());
        Optional<Settings.Tls> tls = tls(top, base);
        if (!loopback && !insecure && !top.has("tls")) refusePlainHttp(top, listen, proxies);
        Settings settings = new Settings(
                listen,
                hosts,
                domain,
                users,
                node,
                cluster(top.sectionOrEmpty("cluster"), base),
                FaceSettings.read(top.sectionOrEmpty("faces")),
                limits(top.sectionOrEmpty("limits")),
                top.duration("drain", Duration.ZERO, Duration.ofHours(1), Duration.ofSeconds(30)),
                top.duration("upgrade-drain", Duration.ZERO, Duration.ofDays(1), Settings.UPGRADE_DRAIN),
                top.value("log", SettingsReader::logFormat).orElse(LogFormat.PLAIN),
                insecure,
                tls,
                proxies,
                path(top, "apps-directory", base, base.resolve("apps")),
                path(top, "state-directory", base, places.state()),
                runDirectory(top, base),
                sharedHomes(top.sectionOrEmpty("homes"), base),
                apps(top, base, new HostClaims(hosts, domain)));
        top.done();
        return settings;
    }

    private static Optional<Settings.Tls> tls(Form top, Path base) {
        Optional<Form> tls = top.section("tls");
        if (tls.isEmpty()) return Optional.empty();
        for (String needed : List.of("certificate", "key"))
            if (!tls.get().has(needed))
                top.error("tls", "needs a certificate and a key, both PEM files; " + needed + " is missing");
        Path none = base.resolve("missing");
        Settings.Tls files =
                new Settings.Tls(path(tls.get(), "certificate", base, none), path(tls.get(), "key", base, none));
        tls.get().done();
        return Optional.of(files);
    }

    private Path runDirectory(Form top, Path base) {
        Path run = path(top, "run-directory", base, places.run());
        if (run.toString().length() > RUN_PATH_MOST)
            top.error(
                    "run-directory",
                    "must have at most " + RUN_PATH_MOST + " characters, because sockets lie in it and their paths are"
                            + " short; it has " + run.toString().length() + ": " + run);
        return run;
    }

    private static Optional<Path> sharedHomes(Form homes, Path base) {
        Optional<Path> shared = homes.value(
                "shared", text -> base.resolve(text).toAbsolutePath().normalize());
        if (shared.isPresent() && Files.notExists(shared.get()))
            homes.error(
                    "shared",
                    "is no directory: " + shared.get() + "; mount the network file system there first, or leave it out"
                            + " and let every machine have its own homes");
        homes.done();
        return shared;
    }

    private Settings.Node node(Form node) {
        NodeName name = node.value("name", NodeName::new).orElseGet(() -> new NodeName(machine.hostName()));
        Form capacity = node.sectionOrEmpty("capacity");
        long memory = capacity.bytesOf("memory", machine.memoryBytes(), 64L << 20, machine.memoryBytes() / 10 * 9);
        int cpu = capacity.value("cpu", Quantities::millis).orElse(machine.cores() * 1000);
        int sessions = capacity.number("sessions", 0, 10_000, 100);
        int starts = capacity.number("starts", 1, 1_000, machine.cores());
        if (capacity.has("memory") && memory > machine.memoryBytes())
            capacity.warning(
                    "memory",
                    "is more than this machine has (" + Quantities.words(machine.memoryBytes() >> 20 << 20) + ")");
        capacity.done();
        Map<String, String> labels = Labels.read(node, "labels");
        Set<Role> roles = node.list("roles", SettingsReader::role)
                .filter(some -> !some.isEmpty())
                .<Set<Role>>map(EnumSet::copyOf)
                .orElse(Settings.Node.ALL_ROLES);
        node.done();
        int most = roles.contains(Role.AGENT) ? sessions : 0;
        return new Settings.Node(name, new Capacity(new Resources(cpu, memory), most, starts), labels, roles);
    }

    private static Role role(String text) {
        List<String> words = Arrays.stream(Role.values()).map(Role::word).toList();
        if (!words.contains(text))
            throw new IllegalArgumentException("must be one of " + String.join(", ", words) + ", not \""
                    + Tree.shown(text) + "\"" + Nearest.hint(text, words));
        return Role.values()[words.indexOf(text)];
    }

    private ClusterSettings cluster(Form form, Path base) {
        ClusterSettings usual = ClusterSettings.usual(places.settings().resolve("key"));
        Optional<String> name = form.value("name", SettingsReader::clusterName);
        ClusterSettings cluster = new ClusterSettings(
                name.orElse(usual.name()),
                path(form, "key", base, usual.key()),
                form.value("address", SettingsReader::address),
                form.number("door", 1, 65535, usual.door()),
                form.number("port", 1, 65535, usual.port()),
                form.list("peers", Candidate::of).orElse(usual.peers()),
                form.value(
                        "peers-file",
                        text -> base.resolve(text).toAbsolutePath().normalize()),
                form.value("mdns", SettingsReader::mdns).orElse(usual.mdns()),
                form.value("strategy", SettingsReader::strategy).orElse(usual.strategy()),
                web(form.sectionOrEmpty("web")));
        // where it can't be told, as after root was given up, it isn't said
        if (!keyComes && form.has("key") && Files.notExists(cluster.key()))
            form.error("key", "is no directory: " + cluster.key() + "; carrel init makes one, or copy another node's");
        form.done();
        return cluster;
    }

    private static ClusterSettings.Web web(Form form) {
        boolean door = form.flag("door");
        List<DoorUrl> doors = form.list("doors", DoorUrl::of).orElse(List.of());
        form.done();
        return new ClusterSettings.Web(door, doors);
    }

    private static Strategy strategy(String text) {
        Strategy known = STRATEGIES.get(text);
        if (known != null) return known;
        List<String> names = STRATEGIES.keySet().stream().sorted().toList();
        throw new IllegalArgumentException("must be one of " + String.join(", ", names) + ", not \"" + Tree.shown(text)
                + "\"" + Nearest.hint(text, names));
    }

    private static String clusterName(String text) {
        return ClusterSettings.usual(Path.of("/")).named(text).name();
    }

    private static InetAddress address(String text) {
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            if (!address.isAnyLocalAddress() && !address.isMulticastAddress()) return address;
        } catch (IllegalArgumentException notOne) {
            // said below
        }
        throw new IllegalArgumentException(
                "must be an address of this machine that other nodes reach, such as 192.168.1.7, not \""
                        + Tree.shown(text) + "\"");
    }

    private static ClusterSettings.Mdns mdns(String text) {
        return switch (text) {
            case "auto" -> ClusterSettings.Mdns.AUTO;
            case "on" -> ClusterSettings.Mdns.ON;
            case "off" -> ClusterSettings.Mdns.OFF;
            default ->
                throw new IllegalArgumentException("must be auto, on or off, not \"" + Tree.shown(text) + "\""
                        + Nearest.hint(text, List.of("auto", "on", "off")));
        };
    }

    private Limits limits(Form form) {
        Limits usual = Limits.DEFAULT;
        Duration second = Duration.ofSeconds(1);
        Duration day = Duration.ofDays(1);
        Limits limits = new Limits(
                (int) form.bytes("head-bytes", 4 << 10, 256 << 10, usual.headBytes()),
                form.number("headers", 10, 1_000, usual.headers()),
                form.number("connections", 10, 1_000_000, usual.connections()),
                form.number("connections-per-address", 1, 1_000_000, usual.connectionsPerAddress()),
                form.duration("head-timeout", second, Duration.ofMinutes(5), usual.headTimeout()),
                form.duration("body-silence", second, day, usual.bodySilence()),
                form.duration("keep-alive", second, Duration.ofHours(1), usual.keepAlive()),
                form.duration("connect-timeout", second, Duration.ofMinutes(5), usual.connectTimeout()),
                form.duration("answer-silence", second, day, usual.answerSilence()),
                (int) form.bytes("page-body", 64 << 10, 64 << 20, usual.pageBodyBytes()),
                (int) form.bytes("websocket-frame", 64 << 10, 1 << 30, usual.websocketFrameBytes()),
                form.bytes("log", 64 << 10, 1L << 40, usual.logBytes()),
                form.bytes("disk-reserve", 0, 1L << 40, usual.diskReserveBytes()));
        form.done();
        return limits;
    }

    private List<App> apps(Form top, Path base, HostClaims hosts) {
        List<App> apps = new ArrayList<>();
        AppReader reader = new AppReader(kinds, hosts);
        Form form = top.sectionOrEmpty("apps");
        if (form.keys().size() > APPS_MOST) top.error("apps", "holds more than " + APPS_MOST + " apps");
        else
            for (String key : form.keys())
                appId(form, key)
                        .flatMap(id -> form.section(key).flatMap(app -> reader.read(id, app, base, Given.NOTHING)))
                        .ifPresent(apps::add);
        return apps;
    }

    private Optional<AppId> appId(Form form, String key) {
        try {
            return Optional.of(new AppId(key));
        } catch (IllegalArgumentException wrong) {
            findings.error(
                    form.keyWhere(key),
                    "the name of an app must be 1 to 40 of a-z 0-9 _ -, first a letter, not \"" + Tree.shown(key)
                            + "\"");
            return Optional.empty();
        }
    }

    private static void refusePlainHttp(Form top, List<Listen> listen, List<Network> proxies) {
        if (proxies.isEmpty())
            top.error(
                    "listen",
                    "is reachable from other machines, and passwords would travel in plain http: give it tls: {certificate:"
                            + " FILE, key: FILE}, or listen on 127.0.0.1 behind a proxy that ends TLS and name that proxy"
                            + " in trusted-proxies, or accept it with insecure: true");
        else
            top.warning(
                    "listen",
                    "is reachable from other machines in plain http; let a firewall admit only the trusted-proxies to "
                            + listen.getFirst());
    }

    /// A page of a session can set cookies for every parent of its name, so the portal must not live below one.
    private static void warnOfSharedParent(Form sessions, Optional<String> domain, List<String> hosts) {
        if (domain.isEmpty() || domain.get().equals("localhost")) return;
        for (String host : hosts)
            if (lastLabels(host).equals(lastLabels(domain.get())))
                sessions.warning(
                        "domain",
                        "shares its parent \"" + lastLabels(host) + "\" with the portal " + host
                                + ": apps could toss cookies at the portal; a domain of its own is safer");
    }

    private static String lastLabels(String host) {
        String[] labels = host.split("\\.");
        return labels.length < 2 ? host : labels[labels.length - 2] + "." + labels[labels.length - 1];
    }

    /// `*.r-content.example`, or `none` for path mode
    private static Optional<String> domain(String text) {
        if (text.equals("none")) return Optional.empty();
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.startsWith("*.") || !HostClaims.isHost(lower.substring(2)))
            throw new IllegalArgumentException(
                    "must be a wildcard name such as *.r-content.example, or none, not \"" + Tree.shown(text) + "\"");
        return Optional.of(lower.substring(2));
    }

    private static LogFormat logFormat(String text) {
        return switch (text) {
            case "plain" -> LogFormat.PLAIN;
            case "json" -> LogFormat.JSON;
            default ->
                throw new IllegalArgumentException("must be plain or json, not \"" + Tree.shown(text) + "\""
                        + Nearest.hint(text, List.of("plain", "json")));
        };
    }

    private static Path path(Form form, String key, Path base, Path otherwise) {
        return form.value(key, text -> base.resolve(text).toAbsolutePath().normalize())
                .orElse(otherwise);
    }
}
