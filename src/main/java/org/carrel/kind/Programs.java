package org.carrel.kind;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Which of the programs that kinds need are on this machine. Asking R takes half a second, so answers are kept: a good
/// one for ever, a bad one for 30 s, so that an installation is noticed without a restart.
final class Programs {
    private static final Duration BAD_ANSWER_KEPT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> USUAL_PLACES = List.of("/usr/local/bin", "/usr/bin", "/bin");

    private static final Programs THIS_MACHINE = new Programs(USUAL_PLACES);

    private final List<String> places;
    private @Nullable Shiny shiny;
    private long askedAt;

    Programs(List<String> places) {
        this.places = List.copyOf(places);
    }

    static Programs ofThisMachine() {
        return THIS_MACHINE;
    }

    boolean has(String program) {
        return find(program).isPresent();
    }

    Optional<Path> find(String program) {
        return places.stream()
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// Why Shiny apps can't run here, with the next step.
    Optional<String> shinyObstacle() {
        if (!has("R"))
            return Optional.of("R is not installed: apt-get install r-base-core r-cran-shiny, or your system's R");
        return shiny().library().isPresent()
                ? Optional.empty()
                : Optional.of("R has no package shiny: apt-get install r-cran-shiny, or install.packages(\"shiny\") ("
                        + shiny().said() + ")");
    }

    /// The library that holds shiny, when it isn't one of the machine's own: a session's user has another home, where R
    /// wouldn't look for it.
    Optional<String> rLibrary() {
        if (!has("R")) return Optional.empty();
        return shiny().library().filter(library -> !library.startsWith("/usr/"));
    }

    private synchronized Shiny shiny() {
        Shiny known = shiny;
        boolean fresh = System.nanoTime() - askedAt < BAD_ANSWER_KEPT.toNanos();
        if (known != null && (known.library().isPresent() || fresh)) return known;
        Shiny now = ask();
        shiny = now;
        askedAt = System.nanoTime();
        return now;
    }

    private Shiny ask() {
        String path = find("R").map(Path::toString).orElse("R");
        try {
            Process process = new ProcessBuilder(
                            path,
                            "--no-echo",
                            "--no-save",
                            "-e",
                            "cat('[', dirname(system.file(package='shiny')), ']', sep='')")
                    .redirectErrorStream(true)
                    .redirectInput(new java.io.File("/dev/null"))
                    .start();
            try (var output = process.getInputStream()) {
                String said = new String(output.readNBytes(8192), StandardCharsets.UTF_8).strip();
                if (!process.waitFor(PATIENCE)) {
                    process.destroyForcibly();
                    return new Shiny(Optional.empty(), "R did not answer in " + PATIENCE.toSeconds() + " s");
                }
                int open = said.lastIndexOf("[/");
                if (process.exitValue() == 0 && open >= 0 && said.endsWith("]"))
                    return new Shiny(Optional.of(said.substring(open + 1, said.length() - 1)), said);
                return new Shiny(Optional.empty(), said.isEmpty() ? "R found none" : said);
            }
        } catch (IOException e) {
            return new Shiny(Optional.empty(), "R can't be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Shiny(Optional.empty(), "interrupted while asking R");
        }
    }

    private record Shiny(Optional<String> library, String said) {}
}
