package org.carrel.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of a service's `install` command, as this program's own user, for an hour at most. Its output goes into a
/// file (at most 1 MiB of it), and its last 2,000 lines can be followed. It doesn't outlive this program: whoever comes
/// next runs it again.
final class Installation {
    private static final Logger log = LoggerFactory.getLogger(Installation.class);
    static final Duration MOST = Duration.ofHours(1);
    static final int LINES_MOST = 2_000;
    private static final int LINE_MOST = 2_000;
    private static final long FILE_MOST = 1L << 20;

    private final AppId app;
    private final List<String> command;
    private final Path directory;
    private final Path output;
    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread thread;
    private long passed;
    private volatile boolean over;
    private volatile Optional<String> failure = Optional.empty();
    private volatile Optional<Process> process = Optional.empty();
    private volatile boolean stopped;

    private Installation(App app, List<String> command, Path directory, Path output) {
        this.app = app.id();
        this.command = command;
        this.directory = directory;
        this.output = output;
        this.thread = Thread.ofVirtual().name("install-" + app.id()).unstarted(this::run);
    }

    /// @param command not empty
    /// @param logs    where its output is kept, as `<app>.install.log`
    static Installation begin(App app, List<String> command, Path logs) {
        Path directory = app.directory().map(Path::of).orElse(logs);
        Installation fresh = new Installation(app, command, directory, logs.resolve(app.id() + ".install.log"));
        fresh.thread.start();
        return fresh;
    }

    /// What tells a changed command from the same one.
    static String digest(List<String> command) {
        try {
            byte[] bytes = String.join("\0", command).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java has SHA-256
        }
    }

    List<String> command() {
        return command;
    }

    boolean isOver() {
        return over;
    }

    /// A sentence, once it is over; empty when it did well.
    Optional<String> failure() {
        return failure;
    }

    /// @param lines since the one that was asked for, as far as they are still kept
    /// @param next  to be asked for next
    record Output(List<String> lines, long next) {}

    synchronized Output since(long from) {
        long skip = Math.clamp(from - passed, 0, lines.size());
        return new Output(lines.stream().skip(skip).toList(), passed + lines.size());
    }

    /// With all it has started.
    void stop() {
        stopped = true;
        process.ifPresent(Installation::kill);
    }

    private void run() {
        try {
            Files.createDirectories(output.getParent());
            Process started = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            process = Optional.of(started);
            if (stopped) kill(started);
            started.getOutputStream().close();
            Thread deadline = Thread.ofVirtual().start(() -> await(started));
            try (BufferedReader said = started.inputReader(StandardCharsets.UTF_8);
                    OutputStream kept = Files.newOutputStream(output)) {
                follow(said, kept);
            }
            int status = started.waitFor();
            deadline.interrupt();
            if (status != 0) failure = Optional.of("its install command ended with status " + status + lastLine());
        } catch (IOException broken) {
            failure = Optional.of("its install command could not be run: " + broken.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            failure = Optional.of("its install command was stopped");
        } finally {
            log.info("service install over app={} failure=\"{}\" output={}", app, failure.orElse(""), output);
            over = true;
        }
    }

    private void await(Process started) {
        try {
            if (!started.waitFor(MOST.toSeconds(), TimeUnit.SECONDS)) kill(started);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(BufferedReader said, OutputStream kept) throws IOException {
        long left = FILE_MOST;
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            String shown = line.length() > LINE_MOST ? line.substring(0, LINE_MOST) + "…" : line;
            byte[] bytes = (shown + "\n").getBytes(StandardCharsets.UTF_8);
            if (bytes.length <= left) kept.write(bytes);
            left -= bytes.length;
            add(shown);
        }
    }

    private synchronized void add(String line) {
        lines.addLast(line);
        if (lines.size() <= LINES_MOST) return;
        lines.removeFirst();
        passed++;
    }

    private synchronized String lastLine() {
        return lines.isEmpty() ? "" : ": " + lines.getLast();
    }

    private static void kill(Process started) {
        started.descendants().forEach(ProcessHandle::destroyForcibly);
        started.destroyForcibly();
    }
}
