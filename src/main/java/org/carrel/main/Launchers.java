package org.carrel.main;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.carrel.config.Settings;
import org.carrel.launch.process.Directories;
import org.carrel.launch.process.ProcessLauncher;
import org.carrel.launch.process.StarterProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What starts this node's sessions, and as whom this program goes on. Three steps, so that what must be done as root
/// stands between the first and the second, and the starter comes up meanwhile:
///
/// 1. `begin`: as root, the privileged starter is told where to work and not waited for
/// 2. `giveUpRoot`: as root, this program gives up root for good; else nothing
/// 3. `launcher`: waits for the starter
///
/// Without root everything runs with one uid. Closing it ends the starter; sessions go on.
final class Launchers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Launchers.class);
    private static final String USER = "carrel";

    /// of a machine that has no user `carrel`: below the range of sessions' users, outside everybody else's
    private static final Account NOBODY_ELSE = new Account(69_999, 69_999);

    private record Account(int uid, int gid) {}

    private record Root(StarterProcess starter, Account account, RootAhead ahead) {}

    private final Directories directories;
    private final Optional<Root> root;

    private Launchers(Directories directories, Optional<Root> root) {
        this.directories = directories;
        this.root = root;
    }

    /// @param uids where users' uids are kept; programs that share a machine share it
    /// @param ahead of these launchers alone; where nothing was begun ahead it is begun now
    static Launchers begin(Optional<RootAhead> ahead, Settings settings, Path uids)
            throws IOException, InterruptedException {
        Optional<RootAhead> mine = ahead.isPresent() ? ahead : RootAhead.begin();
        if (mine.isEmpty()) return ofOneUid(settings);
        Directories directories = directories(settings);
        Account account = account();
        StarterProcess starter = mine.get().starter();
        starter.tell(directories, uids, account.uid(), account.gid());
        return new Launchers(directories, Optional.of(new Root(starter, account, mine.get())));
    }

    static Launchers ofOneUid(Settings settings) {
        return new Launchers(directories(settings), Optional.empty());
    }

    private static Directories directories(Settings settings) {
        Directories own = Directories.below(settings.stateDirectory(), settings.runDirectory());
        return settings.sharedHomes().map(own::withHomes).orElse(own);
    }

    void giveUpRoot(Settings settings) throws IOException, InterruptedException {
        if (root.isEmpty() || !Privileges.isRoot()) return;
        Account account = root.get().account();
        giveAway(settings, account);
        openEveryJar();
        root.get().ahead().await();
        Privileges.dropTo(account.uid(), account.gid());
        log.info("root given up uid={} gid={}", account.uid(), account.gid());
    }

    /// What this program will write as somebody else is made theirs, as root.
    void giveAway(Settings settings) throws IOException {
        giveAway(settings, root.orElseThrow().account());
    }

    private static void giveAway(Settings settings, Account account) throws IOException {
        for (Path own : List.of(
                agentDirectory(settings),
                authDirectory(settings),
                auditDirectory(settings),
                nodeDirectory(settings),
                homeDirectory(settings),
                membershipDirectory(settings))) giveTo(account, own);
        if (Files.exists(settings.usersFile())) Files.setAttribute(settings.usersFile(), "unix:gid", account.gid());
    }

    /// To be closed by whoever asked.
    ProcessLauncher launcher() throws IOException {
        if (root.isPresent() && Privileges.isRoot()) throw new IllegalStateException("root has not been given up");
        return root.isPresent() ? root.get().starter().launcher(directories) : ProcessLauncher.ofOneUid(directories);
    }

    @Override
    public void close() throws IOException {
        if (root.isPresent()) root.get().starter().close();
    }

    /// where they are kept unless several programs share them
    static Path uids(Path stateDirectory) {
        return stateDirectory.resolve("uids");
    }

    /// The agent's own files; not the sessions': those lie beside it and belong to their users.
    static Path agentDirectory(Settings settings) {
        return settings.stateDirectory().resolve("agent");
    }

    /// Where the command line on this machine asks without a token.
    static Path localSocket(Settings settings) {
        return agentDirectory(settings).resolve("local.sock");
    }

    static Path authDirectory(Settings settings) {
        return settings.stateDirectory().resolve("auth");
    }

    /// This node's identity and certificate; secret.
    static Path nodeDirectory(Settings settings) {
        return settings.stateDirectory().resolve("node");
    }

    /// which user's files are on which node
    static Path homeDirectory(Settings settings) {
        return settings.stateDirectory().resolve("home");
    }

    static Path auditDirectory(Settings settings) {
        return settings.stateDirectory().resolve("audit");
    }

    /// what membership must know again after a restart
    static Path membershipDirectory(Settings settings) {
        return settings.stateDirectory().resolve("cluster");
    }

    private static Account account() throws IOException {
        for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
            String[] fields = line.split(":");
            if (fields.length > 3 && fields[0].equals(USER))
                return new Account(Integer.parseInt(fields[2]), Integer.parseInt(fields[3]));
        }
        return NOBODY_ELSE;
    }

    /// Nobody else writes above it, and links are not followed, so root's right to give away can't be led elsewhere.
    private static void giveTo(Account account, Path directory) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.setAttribute(path, "unix:uid", account.uid(), LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:gid", account.gid(), LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    /// Jars are opened when first needed, and stay open: once for classes, by whoever looks for a resource, and
    /// once for what is read by its address. Where this program lies may be closed to the user it becomes.
    private static void openEveryJar() throws IOException {
        ClassLoader loader = Launchers.class.getClassLoader();
        for (String inJars :
                List.of("META-INF/MANIFEST.MF", Launchers.class.getName().replace('.', '/') + ".class"))
            for (URL found : Collections.list(loader.getResources(inJars)))
                found.openConnection().connect();
    }
}
