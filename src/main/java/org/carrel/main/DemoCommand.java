package org.carrel.main;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ServerAddress;
import org.carrel.auth.file.PasswordHash;
import org.carrel.auth.file.UserLines;
import org.carrel.config.DemoNode;
import org.carrel.config.DemoSettings;
import org.carrel.config.Machine;
import org.carrel.config.Places;
import org.carrel.config.RInstall;
import org.carrel.config.Settings;
import org.carrel.domain.app.App;
import org.carrel.domain.session.End;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Start Carrel on this machine with real apps and made-up users, for a first look.",
            "Installs R with Shiny when it is missing and it may (root, apt). Ctrl-C stops the demo and its sessions."
        },
        footer = {"", "Example:", "  carrel demo --port 8080 --password open-sesame"})
final class DemoCommand implements Callable<Integer> {
    private static final Duration FAREWELL = Duration.ofSeconds(20);
    /// seconds between two kills: a start and a look must fit
    private static final int SHORTEST_LIFE = 3;

    private static final int LONGEST_LIFE = 3600;
    private static final int USUAL_NODES = 3;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port on loopback; default ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--password",
            paramLabel = "P",
            description = "Of all accounts; -: the first line of standard input; default: four random words, printed.")
    private @Nullable String password;

    @Option(names = "--no-install", description = "Install nothing; without R the built-in app is there.")
    private boolean noInstall;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Where the demo keeps its things; default: the usual place.")
    private @Nullable Path state;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "Nodes of the cluster on this machine, 1 to 5; default 3 as root, else 1.")
    private @Nullable Integer nodes;

    @Option(names = "--node", paramLabel = "I", hidden = true, description = "Be one of the others, from 2.")
    private int node = 1;

    @Option(names = "--sessions", paramLabel = "N", description = "Most sessions at once on each node; default 100.")
    private @Nullable Integer sessions;

    @Option(
            names = "--kill-us",
            paramLabel = "SECONDS",
            arity = "0..1",
            fallbackValue = "10",
            description = "Kill Carrel with -9 every ${FALLBACK-VALUE} seconds while you work, and say what survived.")
    private @Nullable Integer killUs;

    @Mixin
    private TakeOver.Wish wish = new TakeOver.Wish();

    @Override
    public Integer call() throws StartException, InterruptedException {
        try {
            if ("-".equals(password)) password = firstLine();
            return killUs == null ? demo() : killing(killUs);
        } catch (IOException | RuntimeException failed) {
            throw StartException.of(failed);
        }
    }

    private int demo() throws IOException, StartException, InterruptedException {
        String secret = password == null ? DemoSettings.newPassword() : password;
        DemoNode me;
        try {
            me = new DemoNode(node, nodes == null ? usualNodes() : nodes);
        } catch (IllegalArgumentException unfit) {
            say(String.valueOf(unfit.getMessage()));
            return 2;
        }
        Ahead<PasswordHash> hash = Ahead.begin("password-hash", () -> hashOf(secret, DemoSettings.usersFile(places())));
        RInstall.Outcome r = new RInstall(RInstall.machine(DemoCommand::say), DemoCommand::say).ensure(!noInstall);
        if (r instanceof RInstall.Outcome.Missing(var sentence)) say(sentence);
        Optional<RootAhead> ahead = RootAhead.begin();
        Catalog plugIns = Catalog.ofThisMachine();
        Machine machine = Machine.here();
        DemoSettings demo;
        try {
            demo = DemoSettings.of(me, port, Optional.of(secret), places(), machine, true);
        } catch (IllegalArgumentException unfit) {
            say(String.valueOf(unfit.getMessage()));
            return 2;
        }
        TakeOver from = wish.ask(demo.settings());
        Beforehand.look(demo.settings(), new Beforehand.Words("--state DIR", "--port PORT"), from.listeners());
        demo = new DemoSettings(fitted(demo.settings(), plugIns), demo.accounts(), demo.password());
        Optional<Path> home = Program.home();
        if (home.isPresent() && me.isFirst()) demo.copyApps(home.get().resolve("demo/apps"));
        DemoNodes others = new DemoNodes(
                me.isFirst() && !from.isReal() ? me.others() : List.of(), port, words(me), secret, this::stateOf);
        return new Running(
                        ahead,
                        demo.settings(),
                        demo.configuration(plugIns.kindNames(), machine),
                        plugIns,
                        new Demo(demo, me, hash, from.isReal(), others, Launchers.uids(stateOf(DemoNode.ALONE))))
                .until(wish.me(), from);
    }

    /// @param seconds between two kills
    private int killing(int seconds) throws IOException, StartException, InterruptedException {
        if (seconds < SHORTEST_LIFE || seconds > LONGEST_LIFE) {
            say("--kill-us takes " + SHORTEST_LIFE + " to " + LONGEST_LIFE + " seconds");
            return 2;
        }
        if (port == 0) {
            say("--kill-us needs one port for all its lives; give it with --port");
            return 2;
        }
        String known = password == null ? DemoSettings.newPassword() : password;
        List<String> words = new ArrayList<>(List.of("demo", "--nodes", "1", "--port", Integer.toString(port)));
        if (noInstall) words.add("--no-install");
        if (state != null) words.addAll(List.of("--state", state.toString()));
        if (sessions != null) words.addAll(List.of("--sessions", sessions.toString()));
        Path own = places().demo("n1").state();
        Files.createDirectories(own);
        return new KillUs(
                        words,
                        new ServerAddress.Web(false, "localhost", port),
                        known,
                        Duration.ofSeconds(seconds),
                        own.resolve("kill-us.log"))
                .run();
    }

    /// A cluster's key must be kept from its sessions, which takes root.
    private static int usualNodes() throws IOException {
        return Privileges.isRoot() ? USUAL_NODES : 1;
    }

    /// @return what all nodes of this demo are started with
    private List<String> words(DemoNode me) {
        List<String> words = new ArrayList<>(List.of("demo", "--no-install", "--nodes", Integer.toString(me.of())));
        if (state != null) words.addAll(List.of("--state", state.toString()));
        if (sessions != null) words.addAll(List.of("--sessions", sessions.toString()));
        return words;
    }

    private Path stateOf(DemoNode node) {
        return places().demo(node.name()).state();
    }

    private static String firstLine() throws IOException, StartException {
        // not closed: it is the process's own
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        if (line == null)
            throw new StartException("--password - reads the password from standard input, which is empty");
        return line;
    }

    private Places places() {
        if (state == null) return Places.here();
        Path own = state.toAbsolutePath().normalize();
        return new Places(own, own, own.resolve("r"));
    }

    private Settings fitted(Settings usual, Catalog plugIns) throws IOException {
        Settings fitted = runnable(usual, plugIns);
        return sessions == null ? fitted : fitted.withSessions(sessions);
    }

    /// Only apps that can run here, the built-in one with its command.
    static Settings runnable(Settings usual, Catalog plugIns) throws IOException {
        List<String> hello = Program.hello(usual.stateDirectory().resolve("program"));
        List<App> apps = usual.apps().stream()
                .map(app -> app.command().contains("{carrel}") ? withProgram(app, hello) : app)
                .filter(app -> plugIns.obstacle(app).isEmpty())
                .toList();
        return usual.withApps(apps);
    }

    private static App withProgram(App app, List<String> program) {
        List<String> command = new ArrayList<>(program);
        command.addAll(app.command().subList(2, app.command().size()));
        return app.withCommand(command);
    }

    static void writeUsers(DemoSettings demo, PasswordHash hash) throws IOException {
        List<String> lines = demo.accounts().stream()
                .map(account -> UserLines.line(account.user(), hash, account.groups()))
                .toList();
        Path file = demo.settings().usersFile();
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
        Files.write(file, lines, StandardCharsets.UTF_8);
    }

    /// The one of before while it holds the same password: another salt would sign everybody out.
    private static PasswordHash hashOf(String password, Path file) throws IOException {
        if (!Files.isReadable(file)) return PasswordHash.of(password);
        return UserLines.parse(Files.readString(file)).entries().values().stream()
                .map(UserLines.Entry::hash)
                .distinct()
                .filter(hash -> hash.holds(password))
                .findFirst()
                .orElseGet(() -> PasswordHash.of(password));
    }

    private static void say(String line) {
        System.out.println("carrel: " + line);
    }

    /// The users file first, the address and the accounts at the beginning, the end of all sessions at the end.
    /// @param goesOn whoever is signed in stays so: the passwords are those of the one before
    /// @param uids of all nodes: they share this machine's users
    private record Demo(
            DemoSettings demo, DemoNode me, Ahead<PasswordHash> hash, boolean goesOn, DemoNodes others, Path uids)
            implements Running.Manner {
        @Override
        public Path uids(Settings settings) {
            return uids;
        }

        @Override
        public void opening() throws IOException, InterruptedException {
            if (!me.isFirst()) return;
            if (!goesOn || !Files.exists(demo.settings().usersFile())) writeUsers(demo, hash.result());
            Path key = demo.settings().cluster().key();
            if (me.of() > 1 && !Files.exists(key)) ClusterKey.make(key, new ClusterName("demo"), Instant.now());
            others.start();
        }

        @Override
        public void opened(Station station) {
            if (!me.isFirst()) {
                System.out.println("Carrel's " + me.name() + " is at " + station.portalAddress());
                DemoNodes.endWithFirst(me, station.port());
                return;
            }
            StringBuilder names = new StringBuilder();
            demo.accounts()
                    .forEach(
                            account -> names.append(names.isEmpty() ? "" : ", ").append(account.user()));
            System.out.println();
            System.out.println("  Carrel is at   " + station.portalAddress());
            System.out.println("  sign in as     " + names);
            System.out.println("  password       " + demo.password());
            System.out.println("  your own apps  drop a directory with an app.R into "
                    + demo.settings().appsDirectory());
            List<String> lines = others.lines();
            for (int i = 0; i < lines.size(); i++)
                System.out.println("  " + (i == 0 ? "more nodes    " : "              ") + " " + lines.get(i));
            if (!lines.isEmpty())
                System.out.println("  kill one       with kill -9, and watch " + station.portalAddress() + "cluster");
            System.out.println("  Ctrl-C stops the demo and its sessions.");
            System.out.println();
        }

        @Override
        public void closing(Station station) throws InterruptedException {
            System.out.println("carrel: stopping the demo's sessions");
            int left = station.agent().stopAll(new End.Stopped("the end of the demo"), FAREWELL);
            others.end();
            if (left > 0)
                System.out.println("carrel: still running after " + FAREWELL.toSeconds() + " s: " + left
                        + "; the next start adopts them");
        }
    }
}
