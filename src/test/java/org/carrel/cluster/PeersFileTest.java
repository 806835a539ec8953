package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.carrel.domain.member.Candidate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeersFileTest {
    @TempDir
    Path directory;

    @Test
    void one_a_line_with_comments_and_nonsense_between() throws Exception {
        Path file = Files.writeString(directory.resolve("peers"), "# doors\nn2  # the second\n\n10.0.0.3:1\n:::::x\n");
        assertThat(new PeersFile(file).candidates())
                .containsExactly(new Candidate("n2", 7443), new Candidate("10.0.0.3", 1));
    }

    @Test
    void a_change_is_seen_and_a_file_that_is_gone_says_the_same_as_before() throws Exception {
        Path file = Files.writeString(directory.resolve("peers"), "n2\n");
        PeersFile peers = new PeersFile(file);
        assertThat(peers.candidates()).hasSize(1);
        Files.writeString(file, "n2\nn3\n");
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
        assertThat(peers.candidates()).hasSize(2);
        Files.delete(file);
        assertThat(peers.candidates()).hasSize(2);
    }

    @Test
    void no_more_are_taken_than_a_thousand() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 3_000; i++) many.append('n').append(i).append('\n');
        Path file = Files.writeString(directory.resolve("peers"), many);
        assertThat(new PeersFile(file).candidates()).hasSize(PeersFile.CANDIDATES_MOST);
    }
}
