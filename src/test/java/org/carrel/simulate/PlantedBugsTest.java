package org.carrel.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Does the simulator notice anything? Each planted bug is put into a copy of the program and must be found by the seed
/// that its patch names. The long form, `src/test/sim/mutants/run`, looks for the first seed that finds it.
class PlantedBugsTest {
    private static final Path PATCHES = Path.of("src", "test", "sim", "mutants");
    private static final int AT_LEAST = 12;

    @Test
    @Tag("slow")
    void every_planted_bug_is_found(@TempDir Path scratch) throws Exception {
        List<PlantedBug> bugs = bugs();
        assertThat(bugs).hasSizeGreaterThanOrEqualTo(AT_LEAST);
        // what its seed finds isn't there without it: `SimulatorTest` runs the same seeds
        assertThat(bugs).allMatch(bug -> bug.seed() <= SimulatorTest.SEEDS);
        TreeMap<String, String> said = new TreeMap<>();
        ConcurrentSkipListMap<String, Optional<String>> broken = new ConcurrentSkipListMap<>();
        bugs.parallelStream().forEach(bug -> broken.put(bug.name(), tried(bug, scratch)));
        for (PlantedBug bug : bugs) {
            Optional<String> found = broken.get(bug.name()).filter(what -> what.startsWith(bug.rule() + ": "));
            if (found.isEmpty())
                said.put(
                        bug.name(),
                        "seed " + bug.seed() + " should break " + bug.rule() + ", and it breaks "
                                + broken.get(bug.name()));
            System.out.println((found.isPresent() ? "found " : "NOT FOUND ") + bug.name() + " by seed " + bug.seed()
                    + ": " + broken.get(bug.name()).orElse("nothing broken"));
        }
        System.out.println(bugs.size() - said.size() + " of " + bugs.size() + " planted bugs found");
        assertThat(said).isEmpty();
    }

    @Test
    void a_bug_that_does_not_fit_any_more_is_no_bug() throws Exception {
        PlantedBug bug = bugs().getFirst();
        assertThatThrownBy(() -> bug.applied("class Other {}\n"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("doesn't fit any more");
    }

    private static Optional<String> tried(PlantedBug bug, Path scratch) {
        try {
            return bug.brokenBy(Files.createDirectories(scratch.resolve(bug.name())));
        } catch (Exception failed) {
            throw new IllegalStateException(bug.name(), failed);
        }
    }

    private static List<PlantedBug> bugs() throws Exception {
        List<PlantedBug> bugs = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(PATCHES, "*.patch")) {
            for (Path file : files) bugs.add(PlantedBug.read(file));
        }
        return bugs;
    }
}
