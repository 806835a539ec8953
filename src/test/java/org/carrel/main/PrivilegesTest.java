package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.carrel.support.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivilegesTest {
    private static final int NOBODY = 65_534;

    @TempDir
    Path temporary;

    @Test
    void root_is_not_a_user_to_drop_to() {
        assertThatThrownBy(() -> Privileges.dropTo(0, NOBODY)).hasMessageContaining("will not drop to uid 0");
        assertThatThrownBy(() -> Privileges.dropTo(NOBODY, 0)).hasMessageContaining("gid 0");
    }

    @Test
    void every_thread_gives_root_up_for_good() throws Exception {
        assumeTrue(Privileges.isRoot(), "only root can give it up");
        Path secret = Files.writeString(temporary.resolve("secret"), "of root");
        Files.setAttribute(secret, "unix:mode", 0600);
        Process child = ChildJvm.start(Dropper.class, Map.of(), secret.toString());
        List<String> said = child.inputReader().readAllLines();
        assertThat(child.waitFor()).as("%s", said).isZero();
        String four = (NOBODY + "\t").repeat(4).strip();
        assertThat(said.stream().filter(line -> line.startsWith("Uid:")))
                .hasSizeGreaterThan(10)
                .allMatch(line -> line.equals("Uid:\t" + four));
        assertThat(said.stream().filter(line -> line.startsWith("Gid:")))
                .allMatch(line -> line.equals("Gid:\t" + four));
        assertThat(said.stream().filter(line -> line.startsWith("Groups:")).map(String::strip))
                .containsOnly("Groups:");
        // of this thread alone: the kernel has no way to the others, see Privileges
        assertThat(said).contains("NoNewPrivs:\t1");
        assertThat(said).contains("the secret stayed one");
    }

    /// With ten more threads, gives root up and says what each thread then is.
    static final class Dropper {
        public static void main(String[] words) throws Exception {
            CountDownLatch end = new CountDownLatch(1);
            for (int i = 0; i < 10; i++)
                Thread.ofPlatform().daemon().start(() -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
            Privileges.dropTo(NOBODY, NOBODY);
            try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
                for (Path thread : threads)
                    Files.readAllLines(thread.resolve("status")).forEach(System.out::println);
            }
            try {
                System.out.println(Files.readString(Path.of(words[0])));
            } catch (IOException denied) {
                System.out.println("the secret stayed one");
            }
        }
    }
}
