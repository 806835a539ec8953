package org.carrel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.carrel.support.ChildJvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real machine's way, with another `apt-get` first on the path: what it keeps of the real one stands in its head.
class RInstallTest {
    @TempDir
    Path bin;

    @BeforeEach
    void standIn() throws Exception {
        assumeTrue(Places.isRoot(), "installing is for root");
        Files.copy(Path.of("src/test/sh/apt-get-stand-in.sh"), bin.resolve("apt-get"));
        Files.setAttribute(bin.resolve("apt-get"), "unix:mode", 0755);
        for (String tool : List.of("sh", "dirname", "sed", "chmod"))
            Files.createSymbolicLink(bin.resolve(tool), Path.of("/bin", tool).toRealPath());
    }

    @Test
    void r_is_installed_without_a_question_though_the_first_update_fails() throws Exception {
        Files.writeString(bin.resolve("failing-updates"), "once\n");
        assertThat(ensure()).endsWith("Installed[]");
        assertThat(Files.readAllLines(bin.resolve("calls")))
                .containsExactly(
                        "-q -y -o DPkg::Lock::Timeout=300 update",
                        "-q -y -o DPkg::Lock::Timeout=300 update",
                        "-q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends r-base-core r-cran-shiny");
    }

    @Test
    void where_no_lists_can_be_had_apts_own_words_are_shown_and_the_demo_goes_on() throws Exception {
        Files.writeString(bin.resolve("failing-updates"), "once\ntwice\nthrice\n");
        assertThat(ensure())
                .contains("E: Unable to locate package r-base-core")
                .contains("installing it failed with status 100", RInstall.BY_HAND);
    }

    /// @return what was said, and the outcome as the last line
    private String ensure() throws Exception {
        Process child = ChildJvm.start(Ensure.class, Map.of("PATH", bin.toString()));
        List<String> said = child.inputReader().readAllLines();
        assertThat(child.waitFor()).as("%s", said).isZero();
        return String.join("\n", said);
    }

    static final class Ensure {
        public static void main(String[] words) throws InterruptedException {
            System.out.println(new RInstall(RInstall.machine(System.out::println), System.out::println).ensure(true));
        }
    }
}
