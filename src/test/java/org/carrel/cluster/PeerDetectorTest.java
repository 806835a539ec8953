package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.ActorSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerDetectorTest {
    private static final String ADDRESS = "pekko://carrel-test@127.0.0.2:7444";

    private final AtomicLong lost = new AtomicLong();
    private final PhiRegistry registry = new PhiRegistry(lost::get);
    private final ActorSystem system =
            ActorSystem.create("detector", ConfigFactory.parseString("pekko.stdout-loglevel=OFF, pekko.loglevel=OFF"));

    @AfterEach
    void close() {
        registry.close();
        system.terminate();
    }

    private PeerDetector detector() {
        PeerDetector detector = new PeerDetector(
                ConfigFactory.parseMap(Map.of(
                        "threshold",
                        8.0,
                        "max-sample-size",
                        100,
                        "min-std-deviation",
                        "10 ms",
                        "acceptable-heartbeat-pause",
                        "100 ms",
                        "heartbeat-interval",
                        "20 ms",
                        PhiRegistry.KEY,
                        registry.id())),
                system.eventStream());
        detector.setAddress(ADDRESS);
        for (int i = 0; i < 5; i++) detector.heartbeat();
        return detector;
    }

    @Test
    void who_is_silent_for_long_is_suspected() {
        PeerDetector detector = detector();
        await(() -> !detector.isAvailable());
        assertThat(detector.phi()).isGreaterThan(detector.threshold());
    }

    @Test
    void time_that_this_process_was_not_given_is_nobody_elses_silence() {
        PeerDetector detector = detector();
        await(() -> detector.phi() > detector.threshold());
        lost.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertThat(detector.isAvailable()).isTrue();
    }

    @Test
    void what_was_lost_before_the_last_heartbeat_does_not_count() {
        PeerDetector detector = detector();
        lost.addAndGet(TimeUnit.MINUTES.toNanos(1));
        detector.heartbeat();
        await(() -> !detector.isAvailable());
    }

    @Test
    void its_row_can_be_read_at_any_time() {
        detector();
        await(() -> registry.row("127.0.0.2:7444")
                .filter(row -> row.phi() == PhiRegistry.SHOWN_MOST)
                .isPresent());
        PhiRegistry.Row row = registry.row("127.0.0.2:7444").orElseThrow();
        assertThat(row.threshold()).isEqualTo(8.0);
        assertThat(row.available()).isFalse();
        assertThat(row.silence()).isGreaterThan(Duration.ofMillis(100));
        assertThat(registry.row("127.0.0.3:7444")).isEmpty();
        registry.keep(Set.of());
        assertThat(registry.row("127.0.0.2:7444")).isEmpty();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
