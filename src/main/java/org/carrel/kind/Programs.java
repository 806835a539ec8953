package org.carrel.kind;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which of the programs that kinds need are on this machine. Asking R takes half a second, so answers are kept: a
/// good one for ever, a bad one for 30 s, so that an installation is noticed without a restart.
final class Programs {
    private static final Duration BAD_ANSWER_KEPT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> USUAL_PLACES = List.of("/usr/local/bin", "/usr/bin", "/bin");

    private static final Predicate<Packages> NEEDS_SHINY =
            packages -> packages.library().isPresent();
    private static final Predicate<Packages> NEEDS_RSERVE =
            packages -> packages.rserve().isPresent();
    private static final Pattern ANSWER = Pattern.compile("\\[([^|\\[\\]]*)\\|([^|\\[\\]]*)]$");

    private static final Programs THIS_MACHINE = new Programs(USUAL_PLACES);

    private final List<String> places;
    private @Nullable Packages packages;
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
        return packages(NEEDS_SHINY).library().isPresent()
                ? Optional.empty()
                : Optional.of("R has no package shiny: apt-get install r-cran-shiny, or install.packages(\"shiny\") ("
                        + packages(NEEDS_SHINY).said() + ")");
    }

    /// Why Rserve can't run here, with the next step.
    Optional<String> rserveObstacle() {
        if (!has("R"))
            return Optional.of("R is not installed: apt-get install r-base-core r-cran-rserve, or your system's R");
        return rserve().isPresent()
                ? Optional.empty()
                : Optional.of(
                        "R has no package Rserve: apt-get install r-cran-rserve, or install.packages(\"Rserve\") ("
                                + packages(NEEDS_RSERVE).said() + ")");
    }

    /// The program, to be started by `R CMD`.
    Optional<String> rserve() {
        return has("R") ? packages(NEEDS_RSERVE).rserve() : Optional.empty();
    }

    /// The library that holds shiny, when it isn't one of the machine's own: a session's user has another home, where R
    /// wouldn't look for it.
    Optional<String> rLibrary() {
        if (!has("R")) return Optional.empty();
        return packages(NEEDS_SHINY).library().filter(library -> !library.startsWith("/usr/"));
    }

    /// @param good whether an answer is one to keep
    private synchronized Packages packages(Predicate<Packages> good) {
        Packages known = packages;
        boolean fresh = System.nanoTime() - askedAt < BAD_ANSWER_KEPT.toNanos();
        if (known != null && (good.test(known) || fresh)) return known;
        Packages now = ask();
        packages = now;
        askedAt = System.nanoTime();
        return now;
    }

    private Packages ask() {
        String path = find("R").map(Path::toString).orElse("R");
        try {
            Process process = new ProcessBuilder(
                            path,
                            "--no-echo",
                            "--no-save",
                            "-e",
                            "cat('[', dirname(system.file(package='shiny')), '|', "
                                    + "system.file('libs', 'Rserve', package='Rserve'), ']', sep='')")
                    .redirectErrorStream(true)
                    .redirectInput(new java.io.File("/dev/null"))
                    .start();
            try (var output = process.getInputStream()) {
                String said = new String(output.readNBytes(8192), StandardCharsets.UTF_8).strip();
                if (!process.waitFor(PATIENCE)) {
                    process.destroyForcibly();
                    return Packages.none("R did not answer in " + PATIENCE.toSeconds() + " s");
                }
                return process.exitValue() == 0 ? Packages.of(said) : Packages.none(said);
            }
        } catch (IOException e) {
            return Packages.none("R can't be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Packages.none("interrupted while asking R");
        }
    }

    /// @param library that holds shiny
    /// @param rserve  the program of the package Rserve
    /// @param said    by R, for people
    private record Packages(Optional<String> library, Optional<String> rserve, String said) {
        /// @param answer ends with `[<library of shiny>|<program of Rserve>]`, either empty
        static Packages of(String answer) {
            Matcher matcher = ANSWER.matcher(answer);
            if (!matcher.find()) return none(answer);
            return new Packages(path(matcher.group(1)), path(matcher.group(2)), "R found none");
        }

        static Packages none(String said) {
            return new Packages(Optional.empty(), Optional.empty(), said.isEmpty() ? "R found none" : said);
        }

        private static Optional<String> path(String text) {
            return text.startsWith("/") ? Optional.of(text) : Optional.empty();
        }
    }
}
