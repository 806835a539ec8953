package org.carrel.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.carrel.api.Json;
import org.carrel.domain.node.Metadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this node was told to remember, on its disk, in two copies as a session's record is. Any thread.
/// ```
/// carrel-metadata 1 <CRC32C of the next line, 8 hexadecimal digits>
/// {"<key>":"<value>",…}                                               UTF-8
/// ```
/// Where no copy can be read, both are laid aside and the node begins with nothing.
final class MetadataFile {
    private static final Logger log = LoggerFactory.getLogger(MetadataFile.class);
    private static final String HEAD = "carrel-metadata 1 ";
    private static final int BYTES_MOST = 1 << 20;

    private final Path directory;
    private final Path file;
    private final Path copy;
    private final boolean wasLost;
    private volatile Metadata present;

    private record Entries(Map<String, String> entries) {}

    static MetadataFile open(Path stateDirectory) {
        return new MetadataFile(stateDirectory);
    }

    private MetadataFile(Path directory) {
        this.directory = directory;
        this.file = directory.resolve("metadata");
        this.copy = directory.resolve("metadata.bak");
        // the first is written before the second: where they differ, it is the newer one
        Optional<Metadata> read = read(file).or(() -> read(copy));
        wasLost = read.isEmpty() && (Files.exists(file) || Files.exists(copy));
        if (wasLost) {
            layAside(file);
            layAside(copy);
        }
        present = read.orElse(Metadata.NONE);
    }

    Metadata present() {
        return present;
    }

    /// Whether there was something that could not be read.
    boolean wasLost() {
        return wasLost;
    }

    /// Returns when it would survive a power cut.
    /// @throws IllegalArgumentException when there would be too many entries
    synchronized Metadata change(Metadata.Change change) throws IOException {
        Metadata next = present.with(change);
        if (next.equals(present)) return present;
        byte[] bytes = bytes(next);
        Journal.replace(file, bytes);
        present = next; // the first copy counts
        Journal.replace(copy, bytes);
        Journal.sync(directory);
        return next;
    }

    private static byte[] bytes(Metadata metadata) {
        String line = Json.text(new Entries(new TreeMap<>(metadata.entries())));
        return (HEAD + checksum(line) + "\n" + line + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<Metadata> read(Path file) {
        if (!Files.exists(file)) return Optional.empty();
        try {
            if (Files.size(file) > BYTES_MOST) throw new IOException("is longer than " + BYTES_MOST + " bytes");
            String[] lines = Files.readString(file).split("\n", -1);
            if (lines.length != 3 || !lines[2].isEmpty()) throw new IOException("has not its two lines");
            if (!lines[0].equals(HEAD + checksum(lines[1]))) throw new IOException("its checksum doesn't match");
            byte[] body = lines[1].getBytes(StandardCharsets.UTF_8);
            return Optional.of(new Metadata(Json.readAnswer(body, Entries.class).entries()));
        } catch (IOException | RuntimeException damaged) {
            log.warn("metadata unreadable file={} cause=\"{}\"", file, damaged.getMessage());
            return Optional.empty();
        }
    }

    private static void layAside(Path file) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        try {
            if (!Files.exists(file)) return;
            Files.move(file, aside, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            log.error(
                    "metadata lost, laid aside file={} next=\"look at it, and set again what is missing: carrel meta"
                            + " NODE key=value\"",
                    aside);
        } catch (IOException e) {
            log.error("damaged metadata can't be laid aside file={} cause=\"{}\"", file, e.toString());
        }
    }

    private static String checksum(String line) {
        CRC32C crc = new CRC32C();
        crc.update(line.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
