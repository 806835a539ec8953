package org.carrel.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.session.SessionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One record for each session, in two copies: `journal/<id>/record` and `journal/<id>/record.bak`. Both are written
/// each time, one after the other (new file, fsync, rename, then fsync of the directory), so a crash between them
/// leaves the older one whole, and a damaged one is healed from the other.
///
/// Writers of one session take turns by themselves: each of its records is written by the errand that is at it.
final class Journal {
    private static final Logger log = LoggerFactory.getLogger(Journal.class);
    static final String RECORD = "record";
    static final String COPY = "record.bak";

    private final Path root;
    private final Path state;
    private final Path epochFile;
    private final Path drainFile;

    /// @param unreadable sessions of which neither copy could be read
    /// @param unwritten sessions whose first record never came to be: nothing was launched for them
    record Contents(List<SessionRecord> records, List<SessionId> unreadable, List<SessionId> unwritten) {}

    private Journal(Path root, Path state) {
        this.root = root;
        this.state = state;
        this.epochFile = state.resolve("epoch");
        this.drainFile = state.resolve("drained");
    }

    static Journal open(Path stateDirectory) throws IOException {
        Path root = stateDirectory.resolve("journal");
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        return new Journal(root, stateDirectory);
    }

    /// Returns when it would survive a power cut.
    void write(SessionRecord record) throws IOException {
        byte[] bytes = RecordFormat.write(record);
        Path directory = root.resolve(record.id().value());
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory);
            sync(root);
        }
        replace(directory.resolve(RECORD), bytes);
        replace(directory.resolve(COPY), bytes);
        sync(directory);
    }

    /// Where a session's records and rotated logs are; made with its first record.
    Path directory(SessionId id) {
        return root.resolve(id.value());
    }

    void forget(SessionId id) throws IOException {
        Path directory = root.resolve(id.value());
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) Files.delete(file);
        } catch (NoSuchFileException e) {
            return;
        }
        Files.delete(directory);
    }

    /// Reads all there is and heals what can be healed. One damaged record never keeps the others from being read.
    Contents read() throws IOException {
        List<SessionRecord> records = new ArrayList<>();
        List<SessionId> unreadable = new ArrayList<>();
        List<SessionId> unwritten = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path directory : directories) {
                String name = directory.getFileName().toString();
                if (!SessionId.isWellFormed(name)) {
                    log.warn("journal holds a stranger name={}", name);
                    continue;
                }
                SessionId id = new SessionId(name);
                removeUnfinished(directory);
                if (isEmpty(directory)) {
                    unwritten.add(id);
                    continue;
                }
                Optional<SessionRecord> record = read(directory, id);
                record.ifPresentOrElse(records::add, () -> unreadable.add(id));
            }
        }
        return new Contents(records, unreadable, unwritten);
    }

    /// What was being written when the last agent died; it never counted.
    private static void removeUnfinished(Path directory) {
        for (String name : List.of(RECORD, COPY)) {
            try {
                Files.deleteIfExists(unfinished(directory.resolve(name)));
            } catch (IOException e) {
                log.warn("unfinished record stays session={} cause={}", directory.getFileName(), e.toString());
            }
        }
    }

    /// Whether an administrator has drained this node.
    boolean isDrained() {
        return Files.exists(drainFile);
    }

    /// Returns when it would survive a power cut.
    void drained(boolean on) throws IOException {
        if (on) replace(drainFile, "drained by an administrator\n".getBytes(StandardCharsets.US_ASCII));
        else Files.deleteIfExists(drainFile);
        sync(state);
    }

    /// How often this agent has started here, this time included. Rises even when it can't be written down.
    long raiseEpoch() {
        long before = 0;
        try {
            before = Long.parseLong(
                    Files.readString(epochFile, StandardCharsets.US_ASCII).trim());
        } catch (NoSuchFileException e) {
            log.info("first start here epoch_file={}", epochFile);
        } catch (IOException | NumberFormatException e) {
            log.warn("epoch unreadable file={} cause={}", epochFile, e.toString());
        }
        try {
            replace(epochFile, Long.toString(before + 1).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            log.warn("epoch not written file={} cause={}", epochFile, e.toString());
        }
        return before + 1;
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            return !files.iterator().hasNext();
        }
    }

    private Optional<SessionRecord> read(Path directory, SessionId id) {
        Optional<SessionRecord> first = read(directory.resolve(RECORD), id, directory);
        Optional<SessionRecord> second = read(directory.resolve(COPY), id, directory);
        if (first.isPresent() && first.equals(second)) return first;
        // the first is written before the second: where they differ, it is the newer one
        Optional<SessionRecord> good = first.or(() -> second);
        good.ifPresent(record -> {
            try {
                write(record);
                log.warn("record healed session={} from={}", id, first.isPresent() ? RECORD : COPY);
            } catch (IOException e) {
                log.warn("record not healed session={} cause={}", id, e.toString());
            }
        });
        return good;
    }

    private static Optional<SessionRecord> read(Path file, SessionId id, Path directory) {
        try (InputStream in = Files.newInputStream(file)) {
            SessionRecord record = RecordFormat.read(in.readNBytes(RecordFormat.BYTES_MOST + 64));
            if (!record.id().equals(id)) throw new IOException("belongs to " + record.id());
            return Optional.of(record);
        } catch (IOException e) {
            log.warn("record unreadable session={} file={} cause={}", id, directory.relativize(file), e.toString());
            return Optional.empty();
        }
    }

    /// A new file, fsync, rename: whole, or not at all.
    static void replace(Path file, byte[] bytes) throws IOException {
        Path fresh = unfinished(file);
        try (FileChannel out = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) out.write(left);
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path unfinished(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
