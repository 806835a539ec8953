package org.carrel.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A session's log: its end is read without reading it all, and it is rotated by copying and truncating, because the
/// workload keeps it open for appending. Links are never followed: what is behind one may be anybody's.
/// @param file    where the workload writes
/// @param copies  directory of the rotated ones, `log.1` the newest
/// @param most    bytes before it is rotated
/// @param keep    rotated ones kept
record LogFile(Path file, Path copies, long most, int keep) {
    static final int LINE_MOST = 2_000;
    static final int LINES_MOST = 10_000;
    private static final int TAIL_BYTES_MOST = 4 << 20;
    private static final int BYTES_PER_LINE = 400;

    /// @param lines at most `LINES_MOST`
    /// @return the last lines, oldest first, long ones cut; empty when there is no log
    List<String> tail(int lines) throws IOException {
        int wanted = Math.clamp(lines, 0, LINES_MOST);
        List<String> tail = tailOf(file, wanted);
        if (tail.size() >= wanted || keep == 0) return tail;
        List<String> all = new ArrayList<>(tailOf(copies.resolve("log.1"), wanted - tail.size()));
        all.addAll(tail);
        return all;
    }

    /// Rotates when it has grown too long. What is written between the copy and the truncation is lost.
    /// @return whether it did
    boolean rotate() throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) <= most) return false;
        try {
            if (keep > 0) {
                for (int i = keep - 1; i >= 1; i--) shift(i, i + 1);
                copyEnd(copies.resolve("log.1"));
            }
        } finally {
            // on a full disk the copy fails: then room counts more than what was written
            try (FileChannel log = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                log.truncate(0);
            }
        }
        return true;
    }

    private void shift(int from, int to) throws IOException {
        try {
            Files.move(copies.resolve("log." + from), copies.resolve("log." + to), StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            // not rotated that often yet
        }
    }

    private void copyEnd(Path to) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileChannel out = FileChannel.open(
                        to,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING))) {
            long end = in.size();
            long at = Math.max(0, end - most);
            while (at < end) {
                long moved = in.transferTo(at, end - at, out);
                if (moved <= 0) return;
                at += moved;
            }
        }
    }

    private static List<String> tailOf(Path file, int lines) throws IOException {
        if (lines == 0 || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) return List.of();
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long size = in.size();
            // most lines are short; where they are not, fewer lines than asked are an honest answer
            long want = Math.min(size, Math.min(TAIL_BYTES_MOST, (long) BYTES_PER_LINE * lines + LINE_MOST));
            ByteBuffer bytes = ByteBuffer.allocate((int) want);
            long at = size - want;
            while (bytes.hasRemaining()) {
                int read = in.read(bytes, at + bytes.position());
                if (read < 0) break;
            }
            String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            return lastLines(text, at > 0, lines);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static List<String> lastLines(String text, boolean beginsInside, int lines) {
        List<String> all = text.lines().map(LogFile::shown).toList();
        int from = Math.max(beginsInside && all.size() > 1 ? 1 : 0, all.size() - lines);
        return List.copyOf(all.subList(from, all.size()));
    }

    private static String shown(String line) {
        return line.length() > LINE_MOST ? line.substring(0, LINE_MOST) + "…" : line;
    }
}
