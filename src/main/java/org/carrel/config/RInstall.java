package org.carrel.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Finds R with Shiny, and installs it when it may. Whatever happens, the demo goes on: without R it has the built-in
/// app.
public final class RInstall {
    static final String BY_HAND = "apt-get install --no-install-recommends r-base-core r-cran-shiny";
    private static final List<String> PACKAGES = List.of("r-base-core", "r-cran-shiny");
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final int UPDATE_TRIES = 3;

    private final Tools tools;
    private final Consumer<String> say;

    /// @param say gets one line at a time, for people
    public RInstall(Tools tools, Consumer<String> say) {
        this.tools = tools;
        this.say = say;
    }

    public sealed interface Outcome {
        record Present() implements Outcome {}

        record Installed() implements Outcome {}

        /// @param sentence what is missing, why it wasn't installed, and how to
        record Missing(String sentence) implements Outcome {}
    }

    /// What of the machine this needs; faked in tests.
    public interface Tools {
        boolean isRoot();

        boolean has(String program);

        boolean hasShiny();

        /// @param lines gets the last lines it printed, when it failed
        /// @return its exit status; 124 when it took too long
        int run(List<String> command, Duration patience, Consumer<List<String>> lines)
                throws IOException, InterruptedException;
    }

    /// @param mayInstall false with `--no-install`
    public Outcome ensure(boolean mayInstall) throws InterruptedException {
        boolean r = tools.has("Rscript");
        if (r && tools.hasShiny()) return new Outcome.Present();
        String missing = r ? "R has no Shiny" : "R is not installed";
        if (!mayInstall) return missing(missing + " (not installed, because of --no-install)");
        if (!tools.has("apt-get")) return missing(missing + ", and this is not a Debian or Ubuntu");
        if (!tools.isRoot()) return missing(missing + ", and only root can install it");
        say.accept(missing + "; installing " + String.join(" and ", PACKAGES) + " with apt-get, so that the Shiny apps"
                + " of the demo can run (--no-install prevents it)");
        try {
            return install(missing);
        } catch (IOException broken) {
            return missing(missing + ", and apt-get could not be run: " + broken.getMessage());
        }
    }

    private Outcome install(String missing) throws IOException, InterruptedException {
        List<String> last = new ArrayList<>();
        int status = 1;
        for (int attempt = 1; attempt <= UPDATE_TRIES && status != 0; attempt++) {
            status = tools.run(apt("update"), PATIENCE, last::addAll);
            if (status != 0 && attempt < UPDATE_TRIES) say.accept("apt-get update failed, trying again");
        }
        // old lists may do too, so a failed update ends nothing
        List<String> command = new ArrayList<>(apt("install"));
        command.add("--no-install-recommends");
        command.addAll(PACKAGES);
        last.clear();
        status = tools.run(command, PATIENCE, last::addAll);
        if (status != 0) {
            last.forEach(line -> say.accept("  " + line));
            return missing(missing + ", and installing it failed with status " + status);
        }
        if (!tools.has("Rscript") || !tools.hasShiny())
            return missing(missing + " even after apt-get said that it installed it");
        say.accept("R with Shiny is installed");
        return new Outcome.Installed();
    }

    private static List<String> apt(String verb) {
        return List.of("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", verb);
    }

    private static Outcome missing(String why) {
        return new Outcome.Missing(
                why + ". The demo goes on with its built-in app; to have R, run as root: " + BY_HAND);
    }

    /// The real machine.
    public static Tools machine(Consumer<String> say) {
        return new ThisMachine(say);
    }

    private record ThisMachine(Consumer<String> say) implements Tools {
        private static final int LAST_LINES = 5;
        private static final long TELL_EVERY_SECONDS = 10;

        @Override
        public boolean isRoot() {
            return Places.isRoot();
        }

        @Override
        public boolean has(String program) {
            String path = System.getenv("PATH");
            for (String place : (path == null ? "/usr/bin:/bin" : path).split(":"))
                if (place.startsWith("/") && Files.isExecutable(Path.of(place, program))) return true;
            return false;
        }

        @Override
        public boolean hasShiny() {
            for (String library :
                    List.of("/usr/lib/R/site-library", "/usr/lib/R/library", "/usr/local/lib/R/site-library"))
                if (Files.exists(Path.of(library, "shiny", "DESCRIPTION"))) return true;
            try { // elsewhere R must say it itself, which takes half a second
                return run(
                                List.of("Rscript", "-e", "quit(status = !requireNamespace('shiny', quietly = TRUE))"),
                                Duration.ofSeconds(60),
                                lines -> {})
                        == 0;
            } catch (IOException noR) {
                return false;
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public int run(List<String> command, Duration patience, Consumer<List<String>> lines)
                throws IOException, InterruptedException {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
            Process process = builder.start();
            Deque<String> last = new ArrayDeque<>();
            Thread reader = Thread.ofVirtual().start(() -> read(process, last));
            AtomicLong seconds = new AtomicLong();
            try {
                while (!process.waitFor(TELL_EVERY_SECONDS, TimeUnit.SECONDS)) {
                    say.accept(command.getFirst() + " … " + seconds.addAndGet(TELL_EVERY_SECONDS) + " s");
                    if (seconds.get() >= patience.toSeconds()) return 124;
                }
                reader.join(Duration.ofSeconds(5));
                synchronized (last) {
                    if (process.exitValue() != 0) lines.accept(List.copyOf(last));
                }
                return process.exitValue();
            } finally {
                process.destroy();
            }
        }

        private static void read(Process process, Deque<String> last) {
            try (BufferedReader in =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine())
                    synchronized (last) {
                        last.addLast(line);
                        if (last.size() > LAST_LINES) last.removeFirst();
                    }
            } catch (IOException ended) {
                // the process is gone; its status says the rest
            }
        }
    }
}
