package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.config.Configuration;
import org.carrel.config.Configuration.Loaded;
import org.carrel.config.Settings;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs(Needs.Thing.ROOT)
class LaunchersTest {
    @TempDir
    private Path temp;

    /// As when the word `up` came out of a file of words, so that nothing was begun before they were read.
    @Test
    void as_root_nothing_is_launched_with_roots_own_uid_whatever_was_begun_ahead() throws Exception {
        Settings settings = settings();
        try (Launchers launchers = Launchers.begin(Optional.empty(), settings, temp.resolve("uids"))) {
            assertThatThrownBy(launchers::launcher).hasMessageContaining("root has not been given up");
        }
    }

    private Settings settings() throws Exception {
        Path file = Files.writeString(temp.resolve("carrel.yaml"), "state-directory: state\nrun-directory: r\n");
        return switch (Configuration.here(Optional.of(file), Map.of(), Set.of("web"))
                .load()) {
            case Loaded.Usable(var settings, var _) -> settings;
            case Loaded.Unusable(var report) -> throw new AssertionError(report.pretty());
        };
    }
}
