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

/// The starter as its parent sees it. To be begun while still root, before root is given up; closing it ends the
/// starter and nothing else. In a session of its own, so that a Ctrl-C which stops Carrel doesn't take it away
/// while sessions are being stopped.
public final class StarterProcess implements AutoCloseable {
    static final String LISTENING = "carrel-starter-listening";

    /// the property that names its cache
    private static final String CACHE = "carrel.starter.aot";

    private static final String SOCKET_START = "starter-";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration END = Duration.ofSeconds(5);

    private final Process process;
    private final Path socket;
    private boolean listening;

    private StarterProcess(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /// Begins it and doesn't wait: it comes up while its parent goes on opening.
    /// @param uids    the file that remembers who has which uid
    /// @param gateway `uid` and `gid` of the user this program is going to be
    public static StarterProcess begin(Directories directories, Path uids, int gatewayUid, int gatewayGid)
            throws IOException {
        return begin(directories, uids, gatewayUid, gatewayGid, cached());
    }

    static StarterProcess begin(Directories directories, Path uids, int gatewayUid, int gatewayGid, List<String> cache)
            throws IOException {
        Path socket = ownSocket(directories.run());
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
        command.addAll(List.of(
                "--boxes",
                directories.boxes().toString(),
                "--homes",
                directories.homes().toString()));
        command.addAll(List.of("--run", directories.run().toString(), "--uids", uids.toString()));
        command.addAll(List.of("--socket", socket.toString(), "--gateway", gatewayUid + ":" + gatewayGid));
        // what it says passes through this program, whose own outputs may become others in a hot restart
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        String zone = System.getenv("TZ");
        builder.environment().clear();
        builder.environment().put("PATH", Spawn.PATH);
        if (zone != null) builder.environment().put("TZ", zone);
        return new StarterProcess(builder.start(), socket);
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
        listening = listening || awaitListening();
        if (!listening)
            throw new IOException("the privileged starter did not come up within " + PATIENCE.toSeconds()
                    + " s; what it said stands above");
        return ProcessLauncher.of(directories, new RemoteHands(socket));
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
