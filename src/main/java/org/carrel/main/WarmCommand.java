package org.carrel.main;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.ServerAddress;
import org.carrel.api.SessionInfo;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenRequest;
import org.carrel.auth.file.PasswordHash;
import org.carrel.cli.CarrelCommand;
import org.carrel.cli.Surroundings;
import org.carrel.config.ClusterSettings;
import org.carrel.config.DemoNode;
import org.carrel.config.DemoSettings;
import org.carrel.config.Machine;
import org.carrel.config.Places;
import org.carrel.config.Settings;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.session.End;
import org.carrel.launch.LaunchException;
import org.carrel.launch.process.StarterTraining;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A training run for the AOT cache: opens what `carrel demo` opens, in a directory of its own and on a free port of
/// loopback, lets the command line and some traffic at it, and leaves nothing behind. Never takes the ways of root: one
/// uid, no starter, which has a cache and a training run of its own. Source: JEP 514.
///
/// What fails here is said and no more: a cache of half a run is better than none.
@Command(name = "warm", hidden = true)
final class WarmCommand implements Callable<Integer> {
    private static final String PASSWORD = "warming-up";
    private static final Duration FAREWELL = Duration.ofSeconds(5);
    private static final int MEMBER_TRIES = 150;
    /// two machines on loopback, where no other Carrel is
    private static final List<InetAddress> OUT_OF_THE_WAY =
            List.of(InetAddress.ofLiteral("127.117.97.114"), InetAddress.ofLiteral("127.117.97.115"));

    @Option(names = "--starter", paramLabel = "FILE", description = "Make the cache of root's starter instead.")
    private @Nullable Path starter;

    @Override
    public Integer call() throws IOException {
        Path directory = Files.createTempDirectory(
                "cw", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        try {
            if (starter == null) {
                loadWaysOfRoot();
                cluster(directory);
            } else StarterTraining.run(directory, starter);
        } catch (LaunchException | IOException | InterruptedException | RuntimeException failed) {
            System.err.println("carrel: the training run broke off: " + failed);
        } finally {
            delete(directory);
        }
        return 0;
    }

    /// They aren't run, but what they are made of is needed by every start as root.
    private static void loadWaysOfRoot() throws IOException {
        Path own = Path.of(WarmCommand.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        if (!Files.isRegularFile(own)) return; // a cache holds classes of jars only
        List<String> rooms = List.of("org/carrel/main/", "org/carrel/launch/process/", "org/carrel/gateway/restart/");
        try (ZipFile jar = new ZipFile(own.toFile())) {
            for (ZipEntry entry : Collections.list(jar.entries())) {
                String file = entry.getName();
                if (file.endsWith(".class") && rooms.stream().anyMatch(file::startsWith))
                    Class.forName(
                            file.substring(0, file.length() - ".class".length()).replace('/', '.'),
                            false,
                            WarmCommand.class.getClassLoader());
            }
        } catch (ClassNotFoundException impossible) {
            throw new IOException(impossible);
        }
    }

    /// So that the first minute of a program that takes over is not its slowest: opens a station in a directory of its
    /// own, asks it for a few pages, and closes it. What fails in it is no harm.
    static void rehearse() {
        try {
            Path directory = Files.createTempDirectory(
                    "cw", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                withStation(directory, DemoNode.ALONE, Optional.empty(), station -> {
                    Visitor visitor = new Visitor(station.port(), "none");
                    for (String page : List.of("/", "/sign-in", "/health/ready", ApiWords.APPS)) visitor.page(page);
                });
            } finally {
                delete(directory);
            }
        } catch (IOException | InterruptedException | RuntimeException failed) {
            System.err.println("carrel: rehearsal broke off: " + failed);
        }
    }

    private interface Visit {
        void pay(Station station) throws IOException, InterruptedException;
    }

    /// Two machines that become one cluster, so that what machines say to each other is trained as well.
    private static void cluster(Path directory) throws IOException, InterruptedException {
        Path made = directory.resolve("key");
        ClusterKey.make(made, new ClusterName("warm"), Instant.now());
        Optional<ClusterKey> key = Optional.of(ClusterKey.open(made));
        withStation(directory.resolve("a"), new DemoNode(1, 2), key, here -> {
            try {
                withStation(directory.resolve("b"), new DemoNode(2, 2), key, there -> {
                    try {
                        awaitMember(here);
                        awaitMember(there);
                        visit(here, directory);
                    } finally {
                        there.agent().stopAll(new End.Stopped("the end of the training run"), FAREWELL);
                    }
                });
            } finally {
                here.agent().stopAll(new End.Stopped("the end of the training run"), FAREWELL);
            }
        });
    }

    private static void awaitMember(Station station) throws InterruptedException {
        for (int tries = 0; !station.isMember() && tries < MEMBER_TRIES; tries++) TimeUnit.MILLISECONDS.sleep(100);
    }

    private static void withStation(Path directory, DemoNode node, Optional<ClusterKey> key, Visit visit)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Catalog plugIns = new Catalog(false);
        Machine machine = Machine.here();
        Places places = new Places(directory, directory, directory.resolve("r"));
        DemoSettings usual = DemoSettings.of(node, 0, Optional.of(PASSWORD), places, machine, false);
        Settings settings = outOfTheWay(DemoCommand.runnable(usual.settings(), plugIns), node);
        DemoSettings demo = new DemoSettings(settings, usual.accounts(), usual.password());
        DemoCommand.writeUsers(demo, PasswordHash.of(PASSWORD));
        try (Launchers oneUid = Launchers.ofOneUid(settings);
                Station station = Station.open(
                        settings, demo.configuration(plugIns.kindNames(), machine), plugIns, oneUid, key, List.of())) {
            station.gateway().accept();
            visit.pay(station);
        }
    }

    private static Settings outOfTheWay(Settings settings, DemoNode node) {
        ClusterSettings usual = settings.cluster();
        List<Candidate> all = OUT_OF_THE_WAY.stream()
                .map(address -> new Candidate(address.getHostAddress(), usual.door()))
                .toList();
        return settings.withCluster(new ClusterSettings(
                usual.name(),
                usual.key(),
                Optional.of(OUT_OF_THE_WAY.get(node.number() - 1)),
                usual.door(),
                usual.port(),
                all,
                Optional.empty(),
                ClusterSettings.Mdns.OFF,
                usual.strategy()));
    }

    private static void visit(Station station, Path directory) throws IOException {
        ServerAddress address = ServerAddress.parse(station.portalAddress());
        ApiClient ada = ApiClient.withPassword(address, "ada", PASSWORD.toCharArray());
        String token = ada.post(ApiWords.TOKENS, new TokenRequest(null, null), TokenAnswer.class)
                .token();
        Visitor visitor = new Visitor(station.port(), token);
        for (String page : List.of("/", "/sign-in", "/health/ready", "/metrics", ApiWords.APPS)) visitor.page(page);
        commands(address, token, directory);
        for (SessionInfo session : ApiClient.withToken(address, token).list(ApiWords.SESSIONS, SessionInfo.class))
            visitor.session(session.id());
    }

    /// Everyday commands, with nobody to read what they say.
    private static void commands(ServerAddress address, String token, Path directory) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Surroundings nobody = new Surroundings(
                nowhere,
                nowhere,
                Map.of("CARREL_URL", address.text(), "CARREL_TOKEN", token),
                directory,
                false,
                InstantSource.system(),
                List::of,
                _ -> Optional.empty(),
                _ -> Optional.empty());
        Path file = Files.writeString(directory.resolve("carrel.yaml"), "listen: 127.0.0.1:8080\n");
        for (List<String> words : List.of(
                List.of("--help"),
                List.of("check", file.toString()),
                List.of("apps"),
                List.of("start", "hello"),
                List.of("start", "hello", "--name", "far", "--on", "n2"),
                List.of("nodes"),
                List.of("sessions")))
            CarrelCommand.execute(nobody, Main.starting(Optional.empty()), words.toArray(new String[0]));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }
}
