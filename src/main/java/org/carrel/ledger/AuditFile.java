package org.carrel.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `audit.jsonl` and the nine before it, `audit.jsonl.1` the newest of these: at most 100 MiB in all. Written at its
/// end
/// only; nobody else may read it. Belongs to one thread.
final class AuditFile implements AutoCloseable {
    static final String NAME = "audit.jsonl";
    static final long BYTES_MOST = 10L << 20;
    static final int KEPT = 9;

    private final Path directory;
    private final Path file;
    private final long most;
    private @Nullable FileChannel channel;
    private long length;

    private AuditFile(Path directory, long most) {
        this.directory = directory;
        this.file = directory.resolve(NAME);
        this.most = most;
    }

    /// @param most bytes before the next file begins
    static AuditFile open(Path directory, long most) throws IOException {
        if (!Files.isDirectory(directory))
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        AuditFile audit = new AuditFile(directory, most);
        audit.opened();
        return audit;
    }

    /// Whole or not at all: what a full disk took half of is cut off again.
    /// @param line with its end
    void append(byte[] line) throws IOException {
        FileChannel to = opened();
        if (length > 0 && length + line.length > most) to = next();
        try {
            ByteBuffer rest = ByteBuffer.wrap(line);
            while (rest.hasRemaining()) to.write(rest);
            length += line.length;
        } catch (IOException broken) {
            undo(to);
            throw broken;
        }
    }

    void force() throws IOException {
        if (channel != null) channel.force(false);
    }

    private void undo(FileChannel to) {
        try {
            to.truncate(length);
        } catch (IOException e) {
            // the next to open it ends the broken line
            closeQuietly();
        }
    }

    private FileChannel opened() throws IOException {
        FileChannel present = channel;
        if (present != null && present.isOpen()) return present;
        FileChannel fresh = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        channel = fresh;
        length = fresh.size();
        if (length > 0 && !endsWithLine()) length += fresh.write(ByteBuffer.wrap(new byte[] {'\n'}));
        return fresh;
    }

    /// A crash may have left half a line.
    private boolean endsWithLine() throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return in.read(last, length - 1) == 1 && last.get(0) == '\n';
        }
    }

    private FileChannel next() throws IOException {
        force();
        closeQuietly();
        for (int i = KEPT - 1; i >= 1; i--) shift(numbered(i), numbered(i + 1));
        shift(file, numbered(1));
        FileChannel fresh = opened();
        try (FileChannel renames = FileChannel.open(directory)) {
            renames.force(true);
        }
        return fresh;
    }

    private Path numbered(int number) {
        return directory.resolve(NAME + "." + number);
    }

    private static void shift(Path from, Path to) throws IOException {
        if (Files.exists(from)) Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            // it was forced before, or is broken anyway
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel present = channel;
        channel = null;
        if (present != null) present.close();
    }
}
