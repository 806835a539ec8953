package org.carrel.main;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.carrel.config.Settings;
import org.carrel.launch.Launcher;
import org.carrel.launch.process.Directories;
import org.carrel.launch.process.ProcessLauncher;
import org.carrel.launch.process.StarterProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What starts this node's sessions, and as whom this program goes on.
/// Without root: everything with one uid. As root: the privileged starter is begun, and this program gives up root for
/// good.
/// @param under what the launcher stands on; closed after it
record Launchers(Launcher launcher, AutoCloseable under) {
    private static final Logger log = LoggerFactory.getLogger(Launchers.class);
    private static final String USER = "carrel";

    /// of a machine that has no user `carrel`: below the range of sessions' users, outside everybody else's
    private static final Account NOBODY_ELSE = new Account(69_999, 69_999);

    private record Account(int uid, int gid) {}

    static Launchers open(Settings settings) throws IOException {
        Directories directories = Directories.below(settings.stateDirectory(), settings.runDirectory());
        if (!Privileges.isRoot()) return new Launchers(ProcessLauncher.ofOneUid(directories), () -> {});
        Account account = account();
        for (Path own : List.of(agentDirectory(settings), authDirectory(settings))) giveTo(account, own);
        if (Files.exists(settings.usersFile())) Files.setAttribute(settings.usersFile(), "unix:gid", account.gid());
        StarterProcess starter = StarterProcess.begin(
                directories, settings.stateDirectory().resolve("uids"), account.uid(), account.gid());
        openEveryJar();
        Privileges.dropTo(account.uid(), account.gid());
        log.info("root given up uid={} gid={}", account.uid(), account.gid());
        return new Launchers(starter.launcher(directories), starter);
    }

    /// The agent's own files; not the sessions': those lie beside it and belong to their users.
    static Path agentDirectory(Settings settings) {
        return settings.stateDirectory().resolve("agent");
    }

    static Path authDirectory(Settings settings) {
        return settings.stateDirectory().resolve("auth");
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

    /// Jars are opened when first needed; where this program lies may be closed to the user it becomes.
    private static void openEveryJar() throws IOException {
        Launchers.class
                .getClassLoader()
                .getResources("META-INF/no-such-file")
                .asIterator()
                .forEachRemaining(_ -> {});
    }
}
