package org.carrel.main;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.carrel.config.Configuration;
import org.carrel.config.Settings;

/// A station from its opening to the signal that ends it.
final class Running {
    /// What a kind of run says when it is open, and does before it closes.
    interface Manner {
        void opened(Station station);

        void closing(Station station) throws InterruptedException;
    }

    static final Manner LEAVING_SESSIONS = new Manner() {
        @Override
        public void opened(Station station) {
            System.out.println("Carrel is at " + station.portalAddress());
        }

        @Override
        public void closing(Station station) {
            // sessions go on; the next start adopts them
        }
    };

    private Running() {}

    /// Blocks until TERM or INT.
    /// @return exit status
    static int until(Settings settings, Configuration configuration, Catalog plugIns, Manner manner)
            throws IOException, InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            asked.countDown();
            try {
                done.await(); // the JVM ends when its hooks have ended
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try (Station station = Station.open(settings, configuration, plugIns, Launchers.open(settings))) {
            Runtime.getRuntime().addShutdownHook(hook);
            manner.opened(station);
            asked.await();
            manner.closing(station);
        } finally {
            done.countDown();
        }
        return 0;
    }
}
