package org.carrel.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.member.Candidate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Candidates in a file that somebody else writes: one a line, `#` begins a comment, at most 1000 and 100
/// kB. Read again whenever its time of change is another. One thread.
final class PeersFile {
    private static final Logger log = LoggerFactory.getLogger(PeersFile.class);
    static final int CANDIDATES_MOST = 1_000;
    private static final int BYTES_MOST = 100_000;

    private final Path file;
    private Optional<FileTime> readOf = Optional.empty();
    private List<Candidate> last = List.of();
    private boolean complained;

    PeersFile(Path file) {
        this.file = file;
    }

    /// A file that can't be read says the same as before.
    List<Candidate> candidates() {
        try {
            FileTime time = Files.getLastModifiedTime(file);
            if (readOf.filter(time::equals).isEmpty()) {
                last = read();
                readOf = Optional.of(time);
                log.info("peers read file={} candidates={}", file, last.size());
            }
            complained = false;
        } catch (IOException unreadable) {
            if (!complained) log.warn("peers-file can't be read file={} cause={}", file, unreadable.toString());
            complained = true;
        }
        return last;
    }

    private List<Candidate> read() throws IOException {
        if (Files.size(file) > BYTES_MOST) throw new IOException("it has more than " + BYTES_MOST + " bytes");
        List<Candidate> found = new ArrayList<>();
        int number = 0;
        for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            number++;
            String word = line.replaceFirst("#.*", "").strip();
            if (word.isEmpty() || found.size() >= CANDIDATES_MOST) continue;
            try {
                found.add(Candidate.of(word));
            } catch (IllegalArgumentException unfit) {
                log.warn("line passed over file={} line={} cause=\"{}\"", file, number, unfit.getMessage());
            }
        }
        return List.copyOf(found);
    }
}
