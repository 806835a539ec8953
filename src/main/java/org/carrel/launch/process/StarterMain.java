package org.carrel.launch.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.carrel.launch.process.Box.Owner;

/// The program of the privileged starter: a JVM of its own, started by root, ended by the end of its standard input, so
/// that it doesn't outlive the one who started it. Sessions go on without it.
///
/// `--boxes DIR --homes DIR --run DIR --uids FILE --socket PATH --gateway UID:GID`
public final class StarterMain {
    private StarterMain() {}

    static void main(String[] args) throws IOException {
        Map<String, String> given = new TreeMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) given.put(args[i], args[i + 1]);
        Directories directories = new Directories(path(given, "--boxes"), path(given, "--homes"), path(given, "--run"));
        Path uids = path(given, "--uids");
        Path socket = path(given, "--socket");
        String[] gateway = value(given, "--gateway").split(":");
        Owner owner = new Owner(Integer.parseInt(gateway[0]), Integer.parseInt(gateway[1]));
        for (Path directory : new Path[] {directories.boxes(), directories.homes(), directories.run()}) {
            Files.createDirectories(directory);
            Starter.requireOnlyRootWrites(directory);
        }
        for (Path file : new Path[] {uids, socket})
            Starter.requireOnlyRootWrites(file.resolve("..").normalize());
        Cgroups cgroups = Cgroups.find(Path.of("/sys/fs/cgroup"), Files.readAllLines(Path.of("/proc/self/cgroup")));
        LocalHands hands = LocalHands.ofRoot(directories, owner, new Uids(uids), cgroups);
        try (Starter _ = Starter.listen(hands, directories.boxes().resolveSibling("starts.lock"), socket, owner)) {
            System.out.println(StarterProcess.LISTENING);
            while (System.in.read() >= 0) {
                // nothing is said here; only the end counts
            }
        }
    }

    private static Path path(Map<String, String> given, String name) {
        return Path.of(value(given, name)).toAbsolutePath().normalize();
    }

    private static String value(Map<String, String> given, String name) {
        String value = given.get(name);
        if (value == null) throw new IllegalArgumentException(name + " is missing");
        return value;
    }
}
