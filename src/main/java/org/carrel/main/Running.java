package org.carrel.main;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.carrel.config.Configuration;
import org.carrel.config.Settings;

/// A station from its opening to the signal that ends it.
final class Running {
    /// What a kind of run does before it is open, says when it is, and does before it closes.
    interface Manner {
        /// With the rights this program was started with; the starter comes up meanwhile.
        default void opening() throws IOException, InterruptedException {}

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
        try (Station station = open(settings, configuration, plugIns, manner)) {
            Runtime.getRuntime().addShutdownHook(hook);
            manner.opened(station);
            asked.await();
            manner.closing(station);
        } finally {
            done.countDown();
        }
        return 0;
    }

    private static Station open(Settings settings, Configuration configuration, Catalog plugIns, Manner manner)
            throws IOException, InterruptedException {
        Launchers launchers = Launchers.begin(settings);
        try {
            manner.opening();
            launchers.giveUpRoot(settings);
        } catch (IOException | InterruptedException | RuntimeException failed) {
            launchers.close();
            throw failed;
        }
        return Station.open(settings, configuration, plugIns, launchers);
    }
}
