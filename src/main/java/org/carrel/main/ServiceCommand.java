package org.carrel.main;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "service",
        description = "Let Carrel start with this machine: by systemd, or by an init script where there is none.",
        subcommands = {ServiceCommand.Install.class, ServiceCommand.Uninstall.class},
        footer = {"", "Example:", "  sudo carrel service install"})
final class ServiceCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) spec.commandLine().usage(System.out);
    }

    enum Init {
        systemd,
        lsb
    }

    /// where the file lies, and whether it is really touched
    static final class Place {
        @Option(
                names = "--root",
                paramLabel = "DIR",
                defaultValue = "/",
                description = "Work below DIR, for a system that lies there; default ${DEFAULT-VALUE}.")
        private Path root = Path.of("/");

        @Option(names = "--init", description = "${COMPLETION-CANDIDATES}; default: what this machine runs.")
        private @Nullable Init init;

        @Option(names = "--force", description = "Also when somebody else wrote the file that is there.")
        private boolean force;

        @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
        private boolean dryRun;

        /// Here it counts what runs; of a system that doesn't run, what it has.
        Init init() {
            if (init != null) return init;
            Path sign = root.resolve(isHere() ? "run/systemd/system" : "usr/lib/systemd/systemd");
            return Files.exists(sign) ? Init.systemd : Init.lsb;
        }

        private boolean isHere() {
            return root.equals(Path.of("/"));
        }

        ServiceFile file() {
            return switch (init()) {
                case systemd -> new ServiceFile(root.resolve("etc/systemd/system/carrel.service"), "rw-r--r--");
                case lsb -> new ServiceFile(root.resolve("etc/init.d/carrel"), "rwxr-xr-x");
            };
        }

        /// which `systemctl enable` made
        Path wanted() {
            return root.resolve("etc/systemd/system/multi-user.target.wants/carrel.service");
        }

        void say(String done, String would) {
            System.out.println("carrel: " + (dryRun ? "would " + would : done) + " " + file().path());
        }

        void needRoot() throws IOException {
            if (!dryRun && isHere() && !Privileges.isRoot())
                throw new IOException("only root may do that: sudo carrel service ...; or look first with --dry-run");
        }
    }

    @Command(
            name = "install",
            mixinStandardHelpOptions = true,
            description = {
                "Write the unit of systemd (or the init script) that starts this Carrel with the machine.",
                "Sessions go on when Carrel is stopped, dies or is upgraded. A file that somebody else wrote stays."
            },
            footer = {"", "Example:", "  sudo carrel service install --config /etc/carrel/carrel.yaml"})
    static final class Install implements Callable<Integer> {
        @Option(names = "--config", paramLabel = "FILE", description = "Settings; default: the usual place.")
        private @Nullable Path config;

        @Option(names = "--print", description = "Print the file's text, and do nothing else.")
        private boolean print;

        @Mixin
        private Place place = new Place();

        @Override
        public Integer call() throws IOException {
            ServiceUnit unit = unit();
            String text = place.init() == Init.systemd ? unit.systemd() : unit.initScript();
            if (print) {
                System.out.print(text);
                return 0;
            }
            place.needRoot();
            switch (place.file().write(text, place.force, !place.dryRun)) {
                case WRITTEN -> place.say("wrote", "write");
                case REPLACED -> place.say("replaced", "replace");
                case AS_IT_WAS, REMOVED, NOT_THERE -> place.say("nothing to do, it is there:", "leave as it is");
            }
            System.out.println("Next: " + next());
            return 0;
        }

        private String next() {
            boolean here = place.isHere();
            return switch (place.init()) {
                case systemd ->
                    here
                            ? "systemctl daemon-reload && systemctl enable --now carrel"
                            : "systemctl --root=" + place.root + " enable carrel";
                case lsb -> "update-rc.d carrel defaults" + (here ? " && service carrel start" : ", in that system");
            };
        }

        private ServiceUnit unit() throws IOException {
            String program = System.getProperty("carrel.program");
            if (program == null)
                throw new IOException("a service is made of the program's script: run ./carrel service install");
            return new ServiceUnit(
                    Path.of(program),
                    Optional.ofNullable(config)
                            .map(file -> file.toAbsolutePath().normalize()),
                    Optional.ofNullable(System.getenv("CARREL_JAVA_HOME"))
                            .filter(home -> !home.isEmpty())
                            .map(Path::of));
        }
    }

    @Command(
            name = "uninstall",
            mixinStandardHelpOptions = true,
            description = "Take away what `carrel service install` wrote. A Carrel that runs goes on.",
            footer = {"", "Example:", "  sudo carrel service uninstall"})
    static final class Uninstall implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Override
        public Integer call() throws IOException {
            place.needRoot();
            switch (place.file().remove(place.force, !place.dryRun)) {
                case REMOVED -> place.say("removed", "remove");
                case NOT_THERE, AS_IT_WAS, WRITTEN, REPLACED -> place.say("nothing to do, there is no", "find no");
            }
            boolean linked = Files.isSymbolicLink(place.wanted());
            if (place.init() == Init.systemd && linked && !place.dryRun) Files.delete(place.wanted());
            System.out.println(
                    switch (place.init()) {
                        case systemd ->
                            "Next: systemctl daemon-reload; and systemctl stop carrel, if it is to end (sessions go on)";
                        case lsb -> "Next: update-rc.d carrel remove";
                    });
            return 0;
        }
    }
}
