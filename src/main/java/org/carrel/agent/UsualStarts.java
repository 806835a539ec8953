package org.carrel.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.carrel.domain.app.AppId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How long starts of an app usually take: the median of the last ones. Kept in a file as far as that goes; losing it
/// costs only a better guess. Any thread.
/// ```
/// <app> <milliseconds>,<milliseconds>,…      one line for each app, newest last, ASCII
/// ```
final class UsualStarts {
    private static final Logger log = LoggerFactory.getLogger(UsualStarts.class);
    static final int REMEMBERED = 20;
    private static final int APPS_MOST = 500;

    private final Path file;
    private final Map<AppId, Deque<Long>> millis = new LinkedHashMap<>();

    private UsualStarts(Path file) {
        this.file = file;
    }

    static UsualStarts open(Path file) {
        UsualStarts usual = new UsualStarts(file);
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) usual.read(line);
        } catch (NoSuchFileException e) {
            log.debug("no starts remembered yet file={}", file);
        } catch (IOException | RuntimeException e) {
            log.warn("usual starts unreadable file={} cause={}", file, e.toString());
        }
        return usual;
    }

    synchronized Optional<Duration> of(AppId app) {
        Deque<Long> last = millis.get(app);
        if (last == null || last.isEmpty()) return Optional.empty();
        List<Long> sorted = last.stream().sorted().toList();
        return Optional.of(Duration.ofMillis(sorted.get((sorted.size() - 1) / 2)));
    }

    void took(AppId app, Duration start) {
        String text;
        synchronized (this) {
            remember(app, Math.max(0, start.toMillis()));
            text = text();
        }
        write(text);
    }

    private void remember(AppId app, long took) {
        if (!millis.containsKey(app) && millis.size() >= APPS_MOST)
            millis.remove(millis.keySet().iterator().next());
        Deque<Long> last = millis.computeIfAbsent(app, any -> new ArrayDeque<>());
        last.addLast(took);
        if (last.size() > REMEMBERED) last.removeFirst();
    }

    private void read(String line) {
        int space = line.indexOf(' ');
        if (space < 0) return;
        AppId app = new AppId(line.substring(0, space));
        for (String number : line.substring(space + 1).split(",")) remember(app, Long.parseLong(number));
    }

    private String text() {
        return millis.entrySet().stream()
                .map(entry -> entry.getKey() + " "
                        + entry.getValue().stream().map(String::valueOf).collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private void write(String text) {
        try {
            // several may end at once: each writes a file of its own, the last rename stands
            Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), "usual-starts", ".new");
            Files.writeString(fresh, text, StandardCharsets.US_ASCII);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.warn("usual starts not written file={} cause={}", file, e.toString());
        }
    }
}
