package org.carrel.main;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.config.Configuration;
import org.carrel.config.Configuration.Loaded;
import org.carrel.config.Settings.LogFormat;
import org.carrel.telemetry.Logging;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = "Start Carrel on this machine, with carrel.yaml.",
        footer = {"", "Example:", "  carrel up --config /etc/carrel/carrel.yaml"})
final class UpCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings; default: the usual place, see `carrel check`.")
    private @Nullable Path config;

    @Option(names = "--name", paramLabel = "NAME", description = "Name of this node.")
    private @Nullable String name;

    @Option(names = "--listen", paramLabel = "ADDRESS:PORT", description = "Where to listen; default 127.0.0.1:8080.")
    private @Nullable String listen;

    @Option(
            names = "--roles",
            paramLabel = "ROLES",
            description =
                    "What it does: agent (runs sessions), gateway (serves users), or agent,gateway; default both.")
    private @Nullable String roles;

    @Mixin
    private TakeOver.Wish wish = new TakeOver.Wish();

    private final Optional<RootAhead> ahead;

    /// @param ahead what was begun before the words were read; empty without root
    UpCommand(Optional<RootAhead> ahead) {
        this.ahead = ahead;
    }

    @Override
    public Integer call() throws StartException, InterruptedException {
        try {
            return up();
        } catch (IOException | RuntimeException failed) {
            throw StartException.of(failed);
        }
    }

    private int up() throws IOException, StartException, InterruptedException {
        Map<String, String> flags = new HashMap<>();
        if (name != null) flags.put("node.name", name);
        if (roles != null) flags.put("node.roles", roles);
        if (listen != null) flags.put("listen", listen);
        Catalog plugIns = Catalog.ofThisMachine();
        Configuration configuration = Configuration.here(Optional.ofNullable(config), flags, plugIns.kindNames());
        return switch (configuration.load()) {
            case Loaded.Unusable(var report) -> {
                System.err.print(report.pretty());
                System.err.println("carrel: not started; mend " + configuration.path() + " and see `carrel check`");
                yield 1;
            }
            case Loaded.Usable(var settings, var report) -> {
                if (!report.findings().isEmpty()) System.err.print(report.pretty());
                Logging.use(settings.log() == LogFormat.JSON ? Logging.Format.JSON : Logging.Format.PLAIN);
                TakeOver from = wish.ask(settings);
                Beforehand.look(
                        settings,
                        new Beforehand.Words("state-directory: in " + configuration.path(), "--listen ADDRESS:PORT"),
                        from.listeners());
                Beforehand.users(settings.usersFile());
                yield new Running(ahead, settings, configuration, plugIns, Running.LEAVING_SESSIONS)
                        .until(wish.me(), from);
            }
        };
    }
}
