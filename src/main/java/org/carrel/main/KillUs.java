package org.carrel.main;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.carrel.api.ServerAddress;

/// `carrel demo --kill-us`: the demo in a process of its own, which is killed with -9 again and again and started again
/// at once, while its visitors work. What survived is printed after each kill.
///
/// ```
/// start -> ready -> look -> (wait) -> look, kill -9 -> start -> ready -> look, compare, print -> (wait) ...
/// ```
final class KillUs {
    private static final Duration START_PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAGES_PATIENCE = Duration.ofSeconds(8);
    private static final Duration FAREWELL = Duration.ofSeconds(30);
    /// A Ctrl-C is for us: a demo that hears it while it starts would end without its sessions.
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final List<String> words;
    private final String password;
    private final Survey survey;
    private final Duration every;
    private final Path log;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private final Tally tally = new Tally();

    /// @param words of the demo's command, without the password
    /// @param log   where the demo's output goes after its first start
    KillUs(List<String> words, ServerAddress address, String password, Duration every, Path log) {
        this.words = words;
        this.password = password;
        this.survey = new Survey(address, password);
        this.every = every;
        this.log = log;
    }

    /// Blocks until TERM or INT; then the demo is asked to end, with its sessions.
    int run() throws IOException, StartException, InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            asked.countDown();
            try {
                over.await(); // the JVM ends when its hooks have ended
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        Process demo = start(Redirect.INHERIT);
        try {
            awaitReady(demo);
            System.out.println("carrel: every " + every.toSeconds()
                    + " s this Carrel is killed with -9; work on. What it " + "says from now on: " + log);
            while (!asked.await(every.toMillis(), TimeUnit.MILLISECONDS)) demo = killed(demo);
        } finally {
            end(demo);
            System.out.println("carrel: " + tally);
            over.countDown();
        }
        return 0;
    }

    private Process killed(Process demo) throws IOException, StartException, InterruptedException {
        Survey.Found before = survey.look();
        demo.destroyForcibly().waitFor();
        long began = System.nanoTime();
        Process next = start(Redirect.appendTo(log.toFile()));
        try {
            awaitReady(next);
            Duration away = Duration.ofNanos(System.nanoTime() - began);
            Survey.Found after = survey.lookUntil(before.pages(), PAGES_PATIENCE);
            Survey.Survived survived = Survey.compare(before, after);
            tally.add(away, survived);
            System.out.printf(
                    "%s  killed %d with -9 · back as %d after %.1f s · %s%n",
                    LocalTime.now().format(CLOCK), demo.pid(), next.pid(), away.toMillis() / 1000.0, survived);
            return next;
        } catch (IOException | StartException | InterruptedException | RuntimeException broken) {
            end(next);
            throw broken;
        }
    }

    private Process start(Redirect output) throws IOException {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) command.add(SETSID.toString());
        command.add(Program.java().toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(words);
        command.addAll(List.of("--password", "-"));
        Process started = new ProcessBuilder(command)
                .redirectOutput(output)
                .redirectError(output)
                .start();
        try (OutputStream in = started.getOutputStream()) {
            in.write((password + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return started;
    }

    private void awaitReady(Process demo) throws IOException, StartException, InterruptedException {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (!survey.isReady()) {
            if (!demo.isAlive())
                throw new StartException("the demo ended with status " + demo.exitValue() + "; its last words: " + log);
            if (System.nanoTime() > deadline)
                throw new StartException("the demo isn't ready after " + START_PATIENCE + "; see " + log);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /// Only one that is ready stops its sessions.
    private static void end(Process demo) throws InterruptedException {
        demo.destroy();
        if (!demo.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) demo.destroyForcibly();
    }

    /// All kills together.
    private static final class Tally {
        private final List<Duration> away = new ArrayList<>();
        private int sessions;
        private int sessionsKept;
        private int pages;
        private int pagesBack;

        void add(Duration took, Survey.Survived survived) {
            away.add(took);
            sessions += survived.sessions();
            sessionsKept += survived.sessionsKept();
            pages += survived.pages();
            pagesBack += survived.pagesBack();
        }

        @Override
        public String toString() {
            Optional<Duration> median =
                    away.stream().sorted().skip(away.size() / 2).findFirst();
            return "killed " + away.size() + " times"
                    + median.map(it -> ", back after " + String.format("%.1f", it.toMillis() / 1000.0) + " s (median)")
                            .orElse("")
                    + "; sessions that went on: " + sessionsKept + " of " + sessions + "; live pages that came back: "
                    + pagesBack + " of " + pages;
        }
    }
}
