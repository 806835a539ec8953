package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What `./carrel build` runs once for the AOT cache.
@Tag("slow")
class WarmCommandTest {
    @Test
    void a_training_run_comes_to_its_end_and_leaves_nothing_behind() throws Exception {
        Set<Path> before = directories();
        List<Long> children = children();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        PrintStream usual = System.err;
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            assertThat(new WarmCommand().call()).isZero();
        } finally {
            System.setErr(usual);
        }
        assertThat(errors.toString(StandardCharsets.UTF_8)).doesNotContain("broke off");
        assertThat(directories()).isEqualTo(before);
        assertThat(children()).isEqualTo(children);
    }

    private static Set<Path> directories() throws IOException {
        Set<Path> found = new TreeSet<>();
        try (var all = Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), "cw*")) {
            all.forEach(found::add);
        }
        return found;
    }

    private static List<Long> children() {
        return ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .sorted()
                .toList();
    }
}
