package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.carrel.support.Needs;
import org.carrel.support.ProgramJar;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Root may keep the program where nobody else may look, as below /root. After root is given up everything that is read
/// late, the cluster's engine above all, must be read from what was opened before.
@Tag("real")
@Needs(Needs.Thing.ROOT)
class ClosedPlaceTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    Path temporary;

    @Test
    void a_node_comes_up_from_where_only_root_may_look() throws Exception {
        Path closed = Files.createDirectory(temporary.resolve("closed"));
        List<String> classPath = new ArrayList<>();
        for (String jar : ProgramJar.classPath().split(File.pathSeparator))
            classPath.add(Files.copy(Path.of(jar), closed.resolve(Path.of(jar).getFileName()))
                    .toString());
        Files.setAttribute(closed, "unix:mode", 0700);
        Files.setAttribute(temporary, "unix:mode", 0711);

        Path key = temporary.resolve("key");
        run(classPath, "init", "--key", key.toString(), "--name", "closed").waitFor();
        Path users = Files.writeString(temporary.resolve("users"), "");
        Files.createDirectory(temporary.resolve("apps"));
        Path settings = Files.writeString(
                temporary.resolve("carrel.yaml"), """
                listen: 127.0.0.1:0
                sign-in: {file: %s}
                state-directory: %s/state
                run-directory: %s/run
                apps-directory: %s/apps
                node: {name: closed}
                cluster: {key: %s, address: 127.0.99.99, mdns: off}
                """.formatted(users, temporary, temporary, temporary, key));
        Process carrel = run(classPath, "up", "--config", settings.toString());
        List<String> said = new ArrayList<>();
        Thread watch = Thread.ofVirtual().start(() -> {
            if (!ended(carrel)) carrel.destroyForcibly();
        });
        try {
            // ends at the latest with the process
            for (String line : (Iterable<String>) carrel.inputReader().lines()::iterator) {
                said.add(line);
                if (line.contains(" membership open ")) break;
            }
        } finally {
            carrel.destroy();
            watch.join();
        }
        assertThat(said).as("%s", said).anyMatch(line -> line.contains("root given up"));
        assertThat(said).as("%s", said).anyMatch(line -> line.contains(" membership open "));
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static Process run(List<String> classPath, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                String.join(File.pathSeparator, classPath),
                "org.carrel.main.Main"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
