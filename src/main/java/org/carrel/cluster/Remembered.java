package org.carrel.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.member.Candidate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What membership must know again after a restart: the island it was in, whose doors it may ask, and how
/// often it was started. The file `members`, one fact a line, on disk before it counts:
///
///     run <number>
///     island <id>
///     door <host:port>      at most 200
///
/// Lines that make no sense are passed over: at worst this node has to look for the others anew.
final class Remembered {
    private static final Logger log = LoggerFactory.getLogger(Remembered.class);
    static final int DOORS_MOST = 200;
    private static final int BYTES_MOST = 100_000;

    private final Path file;
    private long run;
    private Optional<String> island = Optional.empty();
    private List<Candidate> doors = List.of();

    /// @param directory of membership's own, there already
    static Remembered open(Path directory) {
        return new Remembered(directory.resolve("members"));
    }

    private Remembered(Path file) {
        this.file = file;
        List<Candidate> found = new ArrayList<>();
        for (String line : lines()) {
            int space = line.indexOf(' ');
            if (space > 0 && !read(line.substring(0, space), line.substring(space + 1), found))
                log.warn("line of {} passed over length={}", file, line.length());
        }
        doors = List.copyOf(found);
    }

    private List<String> lines() {
        try {
            if (Files.size(file) > BYTES_MOST) {
                log.warn("{} is larger than it ever is written; it is passed over", file);
                return List.of();
            }
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (NoSuchFileException first) {
            return List.of();
        } catch (IOException unreadable) {
            log.warn("{} can't be read, this node looks for the others anew cause={}", file, unreadable.toString());
            return List.of();
        }
    }

    private boolean read(String word, String value, List<Candidate> found) {
        switch (word) {
            case "run" -> {
                if (!value.matches("\\d{1,9}")) return false;
                run = Long.parseLong(value);
            }
            case "island" -> {
                if (!value.matches("[0-9a-z-]{1,64}")) return false;
                island = Optional.of(value);
            }
            case "door" -> {
                if (found.size() >= DOORS_MOST) return false;
                try {
                    found.add(Candidate.of(value));
                } catch (IllegalArgumentException unfit) {
                    return false;
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    synchronized Optional<String> island() {
        return island;
    }

    synchronized List<Candidate> doors() {
        return doors;
    }

    /// @return greater than for any run before
    synchronized long nextRun() throws IOException {
        run = Math.min(run + 1, 999_999_999);
        write();
        return run;
    }

    /// Writes only what changed.
    synchronized void put(Optional<String> newIsland, List<Candidate> newDoors) throws IOException {
        List<Candidate> some = newDoors.stream().sorted().limit(DOORS_MOST).toList();
        if (island.equals(newIsland) && doors.equals(some)) return;
        island = newIsland;
        doors = some;
        write();
    }

    private void write() throws IOException {
        StringBuilder text = new StringBuilder("run " + run + "\n");
        island.ifPresent(id -> text.append("island ").append(id).append('\n'));
        for (Candidate door : doors) text.append("door ").append(door).append('\n');
        Path fresh = file.resolveSibling("members.new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) channel.write(bytes);
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(file.getParent())) {
            directory.force(true);
        }
    }
}
