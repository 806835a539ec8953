package org.carrel.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.carrel.domain.node.NodeName;

/// Whether the disk of the state directory takes new sessions. Running ones don't ask it. Any thread.
final class Disk {
    private final NodeName node;
    private final Path directory;
    private final long reserveBytes;
    private volatile Optional<String> trouble = Optional.empty();

    Disk(NodeName node, Path directory, long reserveBytes) {
        this.node = node;
        this.directory = directory;
        this.reserveBytes = reserveBytes;
    }

    void failed(IOException cause) {
        trouble = Optional.of(String.valueOf(cause.getMessage()));
    }

    void works() {
        trouble = Optional.empty();
    }

    /// @return why no new session can be started, with the next step; empty when one can. After a failed write it tries
    /// one itself, so that it recovers alone.
    Optional<String> obstacle() {
        try {
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < reserveBytes) return Optional.of(full(free));
            if (trouble.isPresent()) {
                tryWriting();
                works();
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    "the disk of " + node + " can't be written: " + e.getMessage() + "; tell its administrator");
        }
    }

    private String full(long free) {
        return "the disk of " + node + " is full: " + (free >> 20) + " MiB are left and " + (reserveBytes >> 20)
                + " MiB are kept free; make room below " + directory;
    }

    private void tryWriting() throws IOException {
        Path trial = directory.resolve("trial");
        try (FileChannel out = FileChannel.open(
                trial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            out.write(ByteBuffer.allocate(1 << 14));
            out.force(true);
        } finally {
            Files.deleteIfExists(trial);
        }
    }
}
