package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.carrel.domain.session.SessionId;
import org.carrel.launch.process.Box.Owner;
import org.carrel.support.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalHandsTest {
    private static final SessionId ID = new SessionId("handshandshandsh");

    @TempDir
    Path temporary;

    /// The shim of a session that is stopped as soon as it was begun may be about to start the program: at the first
    /// look there is only the shim. Here it waits for a word before it starts anything.
    @Test
    void a_program_that_starts_while_its_session_is_cleaned_is_ended_too() throws Exception {
        Directories directories = Directories.below(temporary.resolve("state"), temporary.resolve("run"));
        Hands hands = LocalHands.ofOneUid(directories, Cgroups.none());
        ProcessBuilder builder =
                new ProcessBuilder("setsid", "/bin/sh", "-c", "echo here; read word; sleep 600 & echo $!; wait");
        builder.environment().put(Shim.MARKER, ID.value());
        Process shim = builder.start();
        try (var said = shim.inputReader();
                var words = shim.outputWriter()) {
            assertThat(said.readLine()).isEqualTo("here");
            Identity identity = identity(shim);
            Thread cleaning = Thread.ofPlatform().start(() -> clean(hands, identity));
            Await.until("only the shim is found", () -> cleaning.getState() == Thread.State.TIMED_WAITING);
            words.write("go\n");
            words.flush();
            long program = Long.parseLong(said.readLine());
            cleaning.join();
            assertThat(Proc.stat(program).filter(stat -> !stat.isDead())).isEmpty();
        } finally {
            shim.destroyForcibly();
        }
    }

    private static Identity identity(Process shim) throws IOException {
        long start = Proc.stat(shim.pid()).orElseThrow().start();
        return new Identity(ID, shim.pid(), start, Proc.bootId(), Owner.self().uid());
    }

    private static void clean(Hands hands, Identity identity) {
        try {
            hands.clean(identity);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
