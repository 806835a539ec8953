package org.carrel.main;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.config.Configuration;
import org.carrel.config.Configuration.Loaded;
import org.carrel.config.Places;
import org.carrel.gateway.restart.Message.Me;
import org.carrel.gateway.restart.Predecessor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "upgrade",
        description = {
            "Put this program in the place of the Carrel that runs, without cutting anybody off.",
            "The running one hands over what it listens on and its connections, finishes what is under way, and ends. "
                    + "When the new one can't start, the running one goes on."
        },
        footer = {"", "Example:", "  carrel upgrade --config /etc/carrel/carrel.yaml"})
final class UpgradeCommand implements Callable<Integer> {
    private static final int LAST_LINES = 40;
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    @Option(names = "--config", paramLabel = "FILE", description = "Settings of the running Carrel.")
    private @Nullable Path config;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "State directory of the running Carrel, or of a running demo; instead of --config.")
    private @Nullable Path state;

    @Override
    public Integer call() throws StartException, InterruptedException {
        try {
            for (Path socket : sockets()) {
                Optional<Me> running = Predecessor.who(socket);
                if (running.isPresent()) return upgrade(running.get());
            }
        } catch (IOException | RuntimeException failed) {
            throw StartException.of(failed);
        }
        throw new StartException("no Carrel runs here; looked at " + looked()
                + "; name it with --config FILE or --state DIR, or start one with: carrel up");
    }

    private List<Path> sockets() {
        return states().stream()
                .map(one -> one.resolve("agent").resolve("control.sock"))
                .toList();
    }

    private List<Path> states() {
        List<Path> states = new ArrayList<>();
        if (state != null) {
            Path given = state.toAbsolutePath().normalize();
            states.add(given);
            states.add(new Places(given, given, given).demo("n1").state());
        } else {
            states.add(ofSettings());
            if (config == null) states.add(Places.here().demo("n1").state());
        }
        return states;
    }

    /// Where the running Carrel of this machine may be asked without a token: by its settings, or a demo.
    static List<Path> localSockets() {
        return new UpgradeCommand()
                .states().stream()
                        .map(one -> one.resolve("agent").resolve("local.sock"))
                        .toList();
    }

    private String looked() {
        return String.join(", ", sockets().stream().map(Path::toString).toList());
    }

    private Path ofSettings() {
        Catalog plugIns = new Catalog(false);
        Configuration configuration = Configuration.here(Optional.ofNullable(config), Map.of(), plugIns.kindNames());
        return configuration.load() instanceof Loaded.Usable(var settings, var _)
                ? settings.stateDirectory()
                : Places.here().state();
    }

    private static int upgrade(Me running) throws IOException, StartException, InterruptedException {
        int uid = Privileges.uid();
        if (uid != running.uid())
            throw new StartException("Carrel " + running.pid() + " was started by uid " + running.uid()
                    + "; upgrade it as that user, not as uid " + uid);
        TakeOver.say("Carrel " + running.pid() + " runs, version " + running.version() + "; starting version "
                + Station.version());
        Process started = start(running);
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader lines = started.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("carrel: ")) System.out.println(line);
                if (line.contains(" took over from ")) return 0;
                last.addLast(line);
                if (last.size() > LAST_LINES) last.removeFirst();
            }
        }
        int status = started.waitFor();
        for (String line : last) if (!line.startsWith("carrel: ")) System.err.println(line);
        throw new StartException("the new one ended with status " + status + "; "
                + (ProcessHandle.of(running.pid()).isPresent()
                        ? running.pid() + " goes on"
                        : running.pid() + " is gone too: start it with carrel " + String.join(" ", running.words())));
    }

    /// Detached: in a session of its own, so that the end of this terminal isn't its end.
    private static Process start(Me running) throws IOException {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) command.add(SETSID.toString());
        command.addAll(Program.command());
        command.addAll(running.words());
        command.add("--take-over");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(new File(running.directory()))
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("CARREL_") && !isOfTheScript(name));
        builder.environment().putAll(running.environment());
        return builder.start();
    }

    /// which JDK the new program runs on is its own matter
    private static boolean isOfTheScript(String name) {
        return name.startsWith("CARREL_JAVA") || name.startsWith("CARREL_MAVEN");
    }
}
