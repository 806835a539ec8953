package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.carrel.support.Await;
import org.carrel.support.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Between two processes, as two starters are.
class StartsLockTest {
    @TempDir
    Path directory;

    private final AtomicReference<Boolean> found = new AtomicReference<>();

    @Test
    void a_look_waits_for_a_start_of_another_process() throws Exception {
        Process other = starting();
        Thread look = look();
        try (OutputStream tell = other.getOutputStream()) {
            tell.write('\n');
        }
        look.join();
        assertThat(found).hasValue(true);
        assertThat(other.waitFor()).isZero();
    }

    @Test
    void a_process_that_dies_in_a_start_holds_nobody_up() throws Exception {
        Process other = starting();
        Thread look = look();
        other.destroyForcibly();
        look.join();
        assertThat(found).hasValue(false);
    }

    @Test
    void starts_do_not_wait_for_each_other() throws Exception {
        Process other = starting();
        try (StartsLock lock = StartsLock.open(file())) {
            assertThat(lock.<String, IOException>starting(() -> "done")).isEqualTo("done");
        } finally {
            other.destroyForcibly();
        }
    }

    /// As when Carrel is killed, and its starter ends because of it, in the middle of a start.
    @Test
    void closing_waits_for_a_start_that_is_under_way() throws Exception {
        StartsLock lock = StartsLock.open(file());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Path> start = threads.submit(() -> lock.<Path, IOException>starting(() -> {
                begun.countDown();
                finish.await();
                return Files.createFile(directory.resolve("finished"));
            }));
            begun.await();
            Thread closing = Thread.ofPlatform().start(() -> {
                try {
                    lock.close();
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
            Await.until(
                    "the end waits",
                    () -> closing.getState() == Thread.State.TIMED_WAITING
                            || closing.getState() == Thread.State.TERMINATED);
            boolean waits = closing.isAlive();
            finish.countDown();
            closing.join();
            assertThat(waits).isTrue();
            assertThat(start.get()).exists();
        }
    }

    /// Looks whether the other has finished, and waits for it by now.
    private Thread look() throws Exception {
        Thread look = Thread.ofPlatform().start(() -> {
            try (StartsLock lock = StartsLock.open(file())) {
                found.set(lock.<Boolean, IOException>looking(() -> Files.exists(directory.resolve("finished"))));
            } catch (IOException | InterruptedException failed) {
                throw new IllegalStateException(failed);
            }
        });
        Await.until(
                "the look waits",
                () -> look.getState() == Thread.State.TIMED_WAITING || look.getState() == Thread.State.TERMINATED);
        return look;
    }

    private Path file() {
        return directory.resolve("starts.lock");
    }

    private Process starting() throws Exception {
        Process other = ChildJvm.start(Other.class, Map.of(), directory.toString());
        assertThat(other.inputReader().readLine()).isEqualTo("starting");
        return other;
    }

    /// A start that lasts until it is told to finish.
    static final class Other {
        private Other() {}

        public static void main(String[] words) throws Exception {
            Path directory = Path.of(words[0]);
            try (StartsLock lock = StartsLock.open(directory.resolve("starts.lock"))) {
                lock.<Path, IOException>starting(() -> {
                    System.out.println("starting");
                    System.in.read();
                    return Files.createFile(directory.resolve("finished"));
                });
            }
        }
    }
}
