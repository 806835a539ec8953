package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.carrel.domain.member.Candidate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RememberedTest {
    private static final Candidate N2 = new Candidate("10.0.0.2", 7443);
    private static final Candidate N3 = new Candidate("n3", 1);

    @TempDir
    Path directory;

    @Test
    void what_was_put_is_there_after_a_restart() throws Exception {
        Remembered before = Remembered.open(directory);
        assertThat(before.nextRun()).isEqualTo(1);
        before.put(Optional.of("a-1"), List.of(N3, N2));

        Remembered after = Remembered.open(directory);
        assertThat(after.island()).contains("a-1");
        assertThat(after.doors()).containsExactly(N2, N3);
        assertThat(after.nextRun()).isEqualTo(2);
        assertThat(Remembered.open(directory).nextRun()).isEqualTo(3);
    }

    @Test
    void nothing_is_written_when_nothing_changed() throws Exception {
        Remembered memory = Remembered.open(directory);
        memory.put(Optional.of("a"), List.of(N2));
        Files.delete(directory.resolve("members"));
        memory.put(Optional.of("a"), List.of(N2));
        assertThat(directory.resolve("members")).doesNotExist();
    }

    @Test
    void no_more_doors_are_kept_than_fit() throws Exception {
        List<Candidate> many = new ArrayList<>();
        for (int i = 0; i < 1000; i++) many.add(new Candidate("n" + i, 7443));
        Remembered.open(directory).put(Optional.empty(), many);
        assertThat(Remembered.open(directory).doors()).hasSize(Remembered.DOORS_MOST);
    }

    @Test
    void lines_that_make_no_sense_are_passed_over() throws Exception {
        write("run 12345678901234567890\nisland ../../etc\ndoor n2:99999\ndoor\n\u0000\nrun 7\nisland a\ndoor n3:1\n");
        Remembered memory = Remembered.open(directory);
        assertThat(memory.island()).contains("a");
        assertThat(memory.doors()).containsExactly(N3);
        assertThat(memory.nextRun()).isEqualTo(8);
    }

    @Test
    void a_file_of_anything_at_all_does_no_harm() throws Exception {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = new byte[random.nextInt(4000)];
            random.nextBytes(bytes);
            Files.write(directory.resolve("members"), bytes);
            assertThat(Remembered.open(directory).nextRun()).as("seed %d", seed).isPositive();
        }
    }

    @Test
    void a_file_that_is_too_large_is_not_read() throws Exception {
        write("island a\n" + "door n3:1\n".repeat(20_000));
        assertThat(Remembered.open(directory).island()).isEmpty();
    }

    private void write(String text) throws Exception {
        Files.write(directory.resolve("members"), text.getBytes(StandardCharsets.UTF_8));
    }
}
