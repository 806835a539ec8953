package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.config.Configuration;
import org.carrel.config.Configuration.Loaded;
import org.carrel.config.Settings;
import org.carrel.domain.node.NodeId;
import org.carrel.trust.NodeIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A card that has already run in another machine.
class CopiedCardTest {
    private static final NodeId OTHER = new NodeId("0123456789abcdef");

    @TempDir
    private Path temp;

    @Test
    void its_journal_is_laid_aside_and_its_own_stays() throws Exception {
        Settings settings = settings();
        Path node = Files.createDirectories(Launchers.nodeDirectory(settings));
        Files.writeString(node.resolve("id"), """
                node %s
                machine-id ffffffffffffffff
                hardware eeeeeeeeeeeeeeee
                """.formatted(OTHER));
        Files.setPosixFilePermissions(node.resolve("id"), PosixFilePermissions.fromString("rw-------"));
        Path journal = Launchers.agentDirectory(settings).resolve("journal");
        Files.createDirectories(journal.resolve("adaadaadaadaadaa"));
        NodeIdentity copy = ClusterSide.identity(settings);
        assertThat(copy.copiedFrom()).contains(OTHER);
        assertThat(journal).doesNotExist();
        assertThat(journal.resolveSibling("journal.of-" + OTHER).resolve("adaadaadaadaadaa"))
                .exists();
        Files.createDirectories(journal.resolve("benbenbenbenbenb"));
        assertThat(ClusterSide.identity(settings)).isEqualTo(new NodeIdentity(copy.id(), Optional.empty()));
        assertThat(journal.resolve("benbenbenbenbenb")).exists();
    }

    private Settings settings() throws Exception {
        Path file = Files.writeString(temp.resolve("carrel.yaml"), "state-directory: state\nrun-directory: /tmp/r\n");
        return switch (Configuration.here(Optional.of(file), Map.of(), Set.of("web"))
                .load()) {
            case Loaded.Usable(var settings, var report) -> settings;
            case Loaded.Unusable(var report) -> throw new AssertionError(report.pretty());
        };
    }
}
