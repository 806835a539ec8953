package org.carrel.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/// Waiting for what happens on other threads.
final class Await {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private Await() {}

    static void until(BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - began).as("waited for it").isLessThan(PATIENCE_NANOS);
            pause(5);
        }
    }

    /// Until a count has not changed for 300 ms.
    static void quiet(IntSupplier count) {
        long began = System.nanoTime();
        long since = began;
        int last = count.getAsInt();
        while (System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(300)) {
            pause(10);
            int now = count.getAsInt();
            if (now != last) since = System.nanoTime();
            last = now;
            assertThat(System.nanoTime() - began).as("became quiet").isLessThan(PATIENCE_NANOS);
        }
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }
}
