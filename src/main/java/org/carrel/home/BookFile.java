package org.carrel.home;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.user.UserId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The book on disk, one fact a line:
///
///     node <this node's name>
///     home <user> <node> <version>      at most `HomeBook.MOST`
///
/// A line that makes no sense is passed over: the other nodes' books make good what is missing.
final class BookFile {
    private static final Logger log = LoggerFactory.getLogger(BookFile.class);
    private static final int BYTES_MOST = 4 << 20;

    private final Path file;

    BookFile(Path file) {
        this.file = file;
    }

    /// @param node the name this node had when it was written
    record Content(Optional<NodeName> node, HomeBook book) {}

    /// @throws IOException when it is there and can't be read: nothing may be begun on a guess
    Content read() throws IOException {
        Map<UserId, HomeBook.Entry> entries = new HashMap<>();
        Optional<NodeName> node = Optional.empty();
        try {
            if (Files.size(file) > BYTES_MOST)
                throw new IOException(file + " is larger than it ever is written; restore it, or move it away");
        } catch (NoSuchFileException first) {
            return new Content(node, HomeBook.EMPTY);
        }
        int number = 0;
        for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")) {
            number++;
            String[] words = line.split(" ");
            try {
                if (words[0].equals("node") && words.length == 2) node = Optional.of(new NodeName(words[1]));
                else if (words[0].equals("home") && words.length == 4 && entries.size() < HomeBook.MOST)
                    entries.put(
                            new UserId(words[1]), new HomeBook.Entry(new NodeName(words[2]), Long.parseLong(words[3])));
                else if (!line.isEmpty()) throw new IllegalArgumentException("not such a line");
            } catch (IllegalArgumentException senseless) {
                log.error("line of the homes passed over file={} line={}", file, number);
            }
        }
        return new Content(node, new HomeBook(entries));
    }

    /// On disk when it returns.
    void write(NodeName node, HomeBook book) throws IOException {
        StringBuilder text = new StringBuilder("node " + node + "\n");
        new TreeMap<>(book.entries())
                .forEach((user, entry) -> text.append("home ")
                        .append(user)
                        .append(' ')
                        .append(entry.node())
                        .append(' ')
                        .append(entry.version())
                        .append('\n'));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) channel.write(bytes);
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
            directory.force(true);
        }
    }
}
