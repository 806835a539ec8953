package org.carrel.launch.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.launch.process.Box.Owner;
import org.carrel.launch.process.StarterWords.Setting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The starter as its parent sees it. To be begun while still root, before root is given up; closing it ends the
/// starter and nothing else. In a session of its own, so that a Ctrl-C which stops Carrel doesn't take it away
/// while sessions are being stopped.
public final class StarterProcess implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StarterProcess.class);
    static final String LISTENING = "carrel-starter-listening";

    /// the property that names its cache
    private static final String CACHE = "carrel.starter.aot";

    private static final String SOCKET_START = "starter-";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration END = Duration.ofSeconds(5);

    private final Process process;
    private Optional<Path> socket = Optional.empty();
    private boolean listening;

    private StarterProcess(Process process) {
        this.process = process;
    }

    /// Begins it and doesn't wait: it comes up while its parent goes on opening, and does nothing until it was told
    /// where.
    public static StarterProcess begin() throws IOException {
        return begin(cached());
    }

    static StarterProcess begin(List<String> cache) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-Xmn4m",
                "-XX:TrimNativeHeapInterval=10000",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:CompileThresholdScaling=10", // compiling what runs once took a quarter of its start
                "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(cache);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), StarterMain.class.getName()));
        // what it says passes through this program, whose own outputs may become others in a hot restart
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        String zone = System.getenv("TZ");
        builder.environment().clear();
        builder.environment().put("PATH", Spawn.PATH);
        if (zone != null) builder.environment().put("TZ", zone);
        return new StarterProcess(builder.start());
    }

    /// Where it is to work, and for whom. Once, and while still root: what is said later it doesn't hear.
    /// @param uids the file that remembers who has which uid
    /// @param uid  and `gid` of the user this program is going to be
    public synchronized void tell(Directories directories, Path uids, int uid, int gid) throws IOException {
        Path own = ownSocket(directories.run());
        Setting setting = new Setting(
                directories.boxes().toString(),
                directories.homes().toString(),
                directories.run().toString(),
                uids.toString(),
                own.toString(),
                new Owner(uid, gid));
        try {
            StarterWire.set(process.getOutputStream(), setting);
        } catch (IOException deaf) {
            log.warn("the starter has ended before it was told anything because={}", deaf.toString());
        }
        socket = Optional.of(own);
    }

    /// It is waited for at every start of root's, and stays for as long as Carrel: it has a cache of its own few
    /// classes, since Carrel's would bring all of Carrel's with it. Without one it comes up all the same, later.
    private static List<String> cached() {
        String cache = System.getProperty(CACHE);
        return cache == null ? List.of() : List.of("-Xlog:aot*=off", "-Xlog:cds*=off", "-XX:AOTCache=" + cache);
    }

    /// While one Carrel takes the place of another there are two starters, each its own program's. Those of programs
    /// that are gone are deleted.
    private static Path ownSocket(Path run) throws IOException {
        if (Files.isDirectory(run))
            try (DirectoryStream<Path> sockets = Files.newDirectoryStream(run, SOCKET_START + "*.sock")) {
                for (Path socket : sockets) if (!isOfTheLiving(socket)) Files.deleteIfExists(socket);
            }
        return run.resolve(SOCKET_START + ProcessHandle.current().pid() + ".sock");
    }

    private static boolean isOfTheLiving(Path socket) {
        String name = socket.getFileName().toString();
        String pid = name.substring(SOCKET_START.length(), name.length() - ".sock".length());
        return pid.matches("[0-9]{1,10}")
                && ProcessHandle.of(Long.parseLong(pid)).isPresent();
    }

    private boolean awaitListening() throws IOException {
        Thread deadline = Thread.ofVirtual().start(() -> {
            try {
                if (!process.waitFor(PATIENCE)) process.destroyForcibly();
            } catch (InterruptedException e) {
                // it came up
            }
        });
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        while (line != null && !line.equals(LISTENING)) {
            System.err.println(line);
            line = output.readLine();
        }
        deadline.interrupt();
        if (line == null) return false;
        Thread.ofVirtual().name("starter-output").start(() -> output.lines().forEach(System.err::println));
        return true;
    }

    /// A launcher that works through this starter; waits until the starter is there.
    /// @throws IOException when it doesn't come up, with what to do
    public synchronized ProcessLauncher launcher(Directories directories) throws IOException {
        Path own = socket.orElseThrow(() -> new IllegalStateException("the starter was not told where to work"));
        listening = listening || awaitListening();
        if (!listening)
            throw new IOException("the privileged starter did not come up within " + PATIENCE.toSeconds()
                    + " s; what it said stands above");
        return ProcessLauncher.of(directories, new RemoteHands(own));
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws IOException {
        close(END);
    }

    void close(Duration patience) throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(patience)) process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
