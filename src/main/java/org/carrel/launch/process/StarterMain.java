package org.carrel.launch.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.carrel.launch.process.StarterWords.Setting;

/// The program of the privileged starter: a JVM of its own, started by root, ended by the end of its standard input, so
/// that it doesn't outlive the one who started it. Sessions go on without it.
///
/// Its standard input begins with a `Setting`; what stands behind it isn't read as anything, since who writes there has
/// given up root.
public final class StarterMain {
    private StarterMain() {}

    static void main() throws IOException {
        Optional<Setting> said = StarterWire.set(System.in);
        if (said.isEmpty()) return; // it was not needed
        Setting setting = said.get();
        Directories directories = new Directories(path(setting.boxes()), path(setting.homes()), path(setting.run()));
        Path uids = path(setting.uids());
        Path socket = path(setting.socket());
        for (Path directory : new Path[] {directories.boxes(), directories.homes(), directories.run()}) {
            Files.createDirectories(directory);
            Starter.requireOnlyRootWrites(directory);
        }
        for (Path file : new Path[] {uids, socket})
            Starter.requireOnlyRootWrites(file.resolve("..").normalize());
        Cgroups cgroups = Cgroups.find(Path.of("/sys/fs/cgroup"), Files.readAllLines(Path.of("/proc/self/cgroup")));
        LocalHands hands = LocalHands.ofRoot(directories, setting.gateway(), new Uids(uids), cgroups);
        Path lock = directories.boxes().resolveSibling("starts.lock");
        try (Starter _ = Starter.listen(hands, lock, socket, setting.gateway())) {
            System.out.println(StarterProcess.LISTENING);
            while (System.in.read() >= 0) {
                // nothing is said here any more; only the end counts
            }
        }
    }

    private static Path path(String given) {
        return Path.of(given).toAbsolutePath().normalize();
    }
}
