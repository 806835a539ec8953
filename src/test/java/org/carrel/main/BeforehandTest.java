package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.config.DemoNode;
import org.carrel.config.DemoSettings;
import org.carrel.config.Machine;
import org.carrel.config.Places;
import org.carrel.config.Settings;
import org.carrel.support.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BeforehandTest {
    private static final Beforehand.Words WORDS = new Beforehand.Words("--state DIR", "--port PORT");

    @TempDir
    Path temporary;

    @Test
    void where_nothing_is_in_the_way_nothing_is_left_behind() throws Exception {
        Settings settings = settings(temporary, 0);
        Beforehand.look(settings, WORDS, List.of());
        try (var left = Files.list(Launchers.agentDirectory(settings))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void a_state_that_can_not_be_written_is_named_with_another_way() throws Exception {
        Path file = Files.createFile(temporary.resolve("file"));
        assertThatThrownBy(() -> Beforehand.look(settings(file, 0), WORDS, List.of()))
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll("nothing can be written in " + file, "--state DIR");
    }

    @Test
    void another_carrel_on_the_same_state_is_noticed_before_anything_starts() throws Exception {
        Settings settings = settings(temporary, 0);
        Path lock = Files.createDirectories(Launchers.agentDirectory(settings)).resolve("lock");
        Process other = ChildJvm.start(Holder.class, Map.of(), lock.toString());
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            assertThatThrownBy(() -> Beforehand.look(settings, WORDS, List.of()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContainingAll(
                            "another Carrel uses " + settings.stateDirectory(), "carrel upgrade", "--state DIR");
        } finally {
            other.getOutputStream().close();
            other.waitFor();
        }
        Beforehand.look(settings, WORDS, List.of());
    }

    @Test
    void a_port_that_is_taken_is_named_with_who_to_ask_and_what_to_do() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> Beforehand.look(settings(temporary, port), WORDS, List.of()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContainingAll(":" + port, "ss -ltnp", "--port PORT");
        }
    }

    @Test
    void a_users_file_must_be_there_and_be_a_file() throws Exception {
        Path file = temporary.resolve("users");
        assertThatThrownBy(() -> Beforehand.users(file)).hasMessageContainingAll("there is no users file", "htpasswd");
        Files.createDirectory(file);
        assertThatThrownBy(() -> Beforehand.users(file)).hasMessageContaining("isn't a file");
        Files.delete(file);
        Files.createFile(file);
        Beforehand.users(file);
    }

    private static Settings settings(Path state, int port) {
        Places places = new Places(state, state, state.resolve("r"));
        return DemoSettings.of(DemoNode.ALONE, port, Optional.of("secret"), places, Machine.here(), false)
                .settings();
    }

    /// Holds the lock of its first word as an agent does, until its input ends. Locks count between processes only.
    static final class Holder {
        public static void main(String[] words) throws IOException {
            try (FileChannel channel =
                            FileChannel.open(Path.of(words[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                System.out.println(lock.isValid() ? "held" : "not held");
                while (System.in.read() >= 0) continue;
            }
        }
    }
}
