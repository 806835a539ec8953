package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.carrel.trust.ClusterKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class InitCommandTest {
    @TempDir
    private Path temp;

    @Test
    void makes_a_key_once() throws IOException {
        Path key = temp.resolve("etc/carrel/key");
        assertThat(run(key)).isZero();
        ClusterKey made = ClusterKey.open(key);
        assertThat(made.cluster()).hasToString("lab");
        assertThat(run(key)).as("a second time").isNotZero();
        assertThat(ClusterKey.open(key).fingerprint()).isEqualTo(made.fingerprint());
    }

    private static int run(Path key) {
        return new CommandLine(new InitCommand()).execute("--key", key.toString(), "--name", "lab");
    }
}
