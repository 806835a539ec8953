package org.carrel.main;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.carrel.config.DemoNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The demo's other nodes: programs of their own, as on machines of their own. They end when the first one does, also
/// when it was killed, but not when another program takes its place: each asks now and then whether anybody serves
/// there.
final class DemoNodes {
    private static final Logger log = LoggerFactory.getLogger(DemoNodes.class);
    /// a Ctrl-C is for the first one
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private static final Duration FAREWELL = Duration.ofSeconds(25);
    private static final Duration LOOK = Duration.ofSeconds(2);
    /// longer than a start on a slow machine after a kill
    private static final int MOST_SILENT_LOOKS = 15;

    private record Other(DemoNode node, Process process) {}

    private final List<DemoNode> wanted;
    private final int firstPort;
    private final List<String> words;
    private final String password;
    private final Function<DemoNode, Path> state;
    private final List<Other> started = new ArrayList<>();

    /// @param words of the demo's command that all nodes share
    /// @param state each one's directory; what it says goes to `output` there
    DemoNodes(
            List<DemoNode> wanted, int firstPort, List<String> words, String password, Function<DemoNode, Path> state) {
        this.wanted = List.copyOf(wanted);
        this.firstPort = firstPort;
        this.words = List.copyOf(words);
        this.password = password;
        this.state = state;
    }

    /// With the rights this program was started with: each gives up root by itself.
    void start() throws IOException {
        for (DemoNode node : wanted) {
            List<String> command = new ArrayList<>();
            if (Files.isExecutable(SETSID)) command.add(SETSID.toString());
            command.addAll(Program.command());
            command.addAll(words);
            command.addAll(List.of("--password", "-", "--node", Integer.toString(node.number())));
            command.addAll(List.of("--port", Integer.toString(node.port(firstPort))));
            Files.createDirectories(state.apply(node));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(output(node).toFile()))
                    .start();
            try (OutputStream tell = process.getOutputStream()) {
                tell.write((password + "\n").getBytes(StandardCharsets.UTF_8));
            }
            started.add(new Other(node, process));
        }
    }

    /// one for each, for people
    List<String> lines() {
        return started.stream()
                .map(other -> other.node().name() + " at http://localhost:"
                        + other.node().port(firstPort) + "/, process "
                        + other.process().pid() + ", says more in " + output(other.node()))
                .toList();
    }

    /// Asks them to end, with their sessions, and waits a while.
    void end() throws InterruptedException {
        started.forEach(other -> other.process().destroy());
        long deadline = System.nanoTime() + FAREWELL.toNanos();
        for (Other other : started)
            if (!other.process().waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS))
                System.out.println("carrel: " + other.node().name() + " still runs, process "
                        + other.process().pid());
    }

    /// In one of the others: ends this program when the first one has gone for good.
    static void endWithFirst(DemoNode me, int port) {
        URI first = URI.create("http://127.0.0.1:" + (port - me.number() + 1) + "/health/live");
        Thread.ofVirtual().name("first-node").start(() -> {
            try {
                for (int silent = 0; silent < MOST_SILENT_LOOKS; silent = serves(first) ? 0 : silent + 1)
                    TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
                log.info("the demo's first node has gone, so this one ends");
                System.exit(0);
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static boolean serves(URI address) {
        try {
            HttpURLConnection asked = (HttpURLConnection) address.toURL().openConnection();
            asked.setConnectTimeout((int) LOOK.toMillis());
            asked.setReadTimeout((int) LOOK.toMillis());
            return asked.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException silent) {
            return false;
        }
    }

    private Path output(DemoNode node) {
        return state.apply(node).resolve("output");
    }
}
