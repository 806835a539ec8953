package org.carrel.main;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.carrel.config.Configuration;
import org.carrel.config.Settings;
import org.carrel.gateway.Departure;
import org.carrel.gateway.restart.ControlSocket;
import org.carrel.gateway.restart.Listening;
import org.carrel.gateway.restart.Message.Me;
import org.carrel.gateway.restart.Parcel;
import org.carrel.gateway.restart.Successor;
import org.carrel.launch.Launcher;
import org.carrel.trust.ClusterKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A station from its opening to the signal that ends it, or to the successor that takes its place.
final class Running {
    private static final Logger log = LoggerFactory.getLogger(Running.class);
    private static final int BACK_TRIES = 60;

    /// What a kind of run does before it is open, says when it is, and does before it closes.
    interface Manner {
        /// With the rights this program was started with; the starter comes up meanwhile.
        default void opening() throws IOException, InterruptedException {}

        /// Where users' uids are kept: beside homes that several machines share, which must agree on them.
        default Path uids(Settings settings) {
            return Launchers.uids(settings.sharedHomes().orElse(settings.stateDirectory()));
        }

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

    private final Optional<RootAhead> ahead;
    private final Settings settings;
    private final Configuration configuration;
    private final Catalog plugIns;
    private final Manner manner;
    /// a successor, or nobody: the signal to end
    private final BlockingQueue<Optional<Successor>> asked = new LinkedBlockingQueue<>();

    private volatile @Nullable Station present;

    /// @param ahead begun by this program; empty without root
    Running(Optional<RootAhead> ahead, Settings settings, Configuration configuration, Catalog plugIns, Manner manner) {
        this.ahead = ahead;
        this.settings = settings;
        this.configuration = configuration;
        this.plugIns = plugIns;
        this.manner = manner;
    }

    /// Blocks until TERM or INT, or until a successor has taken over and everything here has ended.
    /// @return exit status
    int until(Me me, TakeOver from) throws IOException, StartException, InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            asked.add(Optional.empty());
            try {
                done.await(); // the JVM ends when its hooks have ended
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        List<Listening> listening = Beforehand.forRoot(settings, from.listeners());
        try (Launchers launchers = Launchers.begin(ahead, settings, manner.uids(settings))) {
            manner.opening();
            Optional<ClusterKey> clusterKey = ClusterSide.key(settings);
            plugIns.readAsRoot(settings.apps());
            launchers.giveUpRoot(settings);
            if (from.isReal()) {
                Beforehand.users(settings.usersFile());
                rehearse(launchers);
            }
            from.receive();
            Station station = Station.open(settings, configuration, plugIns, launchers, clusterKey, listening);
            present = station;
            Runtime.getRuntime().addShutdownHook(hook);
            if (from.isReal()) from.begin(station);
            else {
                station.gateway().accept();
                manner.opened(station);
            }
            Optional<ControlSocket> control = control(me);
            try {
                serve(station, launchers, clusterKey, control);
            } finally {
                control.ifPresent(ControlSocket::close);
            }
        } finally {
            done.countDown();
        }
        return 0;
    }

    /// What is slow the first time is done once before anybody waits for it.
    private static void rehearse(Launchers launchers) throws IOException {
        try (Launcher launcher = launchers.launcher()) {
            launcher.scan();
        }
        WarmCommand.rehearse();
    }

    private Optional<ControlSocket> control(Me me) {
        try {
            return Optional.of(ControlSocket.open(
                    TakeOver.controlSocket(settings),
                    me,
                    this::listeners,
                    successor -> asked.add(Optional.of(successor))));
        } catch (IOException | IllegalArgumentException without) {
            log.warn("no control socket: this Carrel can't be upgraded while it runs cause=\"{}\"", without.toString());
            return Optional.empty();
        }
    }

    private List<Listening> listeners() throws IOException {
        Station now = present;
        if (now == null) throw new IOException("it isn't open yet");
        return now.gateway().duplicates();
    }

    private void serve(
            Station first, Launchers launchers, Optional<ClusterKey> clusterKey, Optional<ControlSocket> control)
            throws IOException, InterruptedException {
        Station station = first;
        while (true) {
            Optional<Successor> next = asked.take();
            if (next.isEmpty()) {
                try (Station last = station) {
                    manner.closing(last);
                }
                return;
            }
            try (Successor successor = next.get()) {
                Optional<HandOver> begun = begin(station, successor);
                if (begun.isEmpty()) continue;
                HandOver handOver = begun.get();
                Station left = station;
                if (handOver.to(successor)) {
                    control.ifPresent(ControlSocket::close);
                    leave(left, handOver.departure(), successor);
                    return;
                }
                station = again(left, handOver, launchers, clusterKey);
            }
        }
    }

    private static Optional<HandOver> begin(Station station, Successor successor) throws InterruptedException {
        try {
            return Optional.of(HandOver.begin(station));
        } catch (IOException impossible) {
            successor.refuse(String.valueOf(impossible.getMessage()));
            return Optional.empty();
        }
    }

    private void leave(Station station, Departure departure, Successor successor) throws InterruptedException {
        int left = departure.connections();
        System.out.println("carrel: " + successor.pid() + " took over"
                + (left == 0 ? "" : "; this process finishes " + left + " requests, then ends"));
        new Lingering(departure, Lingering.Heir.of(successor)).run(settings.upgradeDrain(), this::isToEnd);
        station.gateway().close(Duration.ZERO); // it has had its time
    }

    private boolean isToEnd() {
        return asked.stream().anyMatch(Optional::isEmpty);
    }

    /// Whoever is connected waits meanwhile, so what stands in the way for a moment is waited for.
    private Station open(HandOver handOver, Launchers launchers, Optional<ClusterKey> clusterKey)
            throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            List<Listening> listening = new ArrayList<>();
            for (Listening kept : handOver.listeners()) listening.add(kept.duplicate());
            try {
                return Station.open(settings, configuration, plugIns, launchers, clusterKey, listening);
            } catch (IOException failed) {
                if (tries == BACK_TRIES) throw failed;
                log.error("can't take the place back yet tries={} cause=\"{}\"", tries, failed.getMessage());
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }

    /// The successor failed with the place half given: it is taken back.
    private Station again(Station left, HandOver handOver, Launchers launchers, Optional<ClusterKey> clusterKey)
            throws IOException, InterruptedException {
        Station station = open(handOver, launchers, clusterKey);
        present = station;
        handOver.listeners().forEach(Listening::close);
        station.gateway().accept();
        for (Parcel parcel : handOver.parcels()) station.gateway().adopt(parcel);
        Lingering rest = new Lingering(
                handOver.departure(), Lingering.Heir.of(station.gateway(), new StaysBehind(station.agent())));
        Thread.ofPlatform().daemon().name("lingering").start(() -> {
            try {
                rest.run(settings.upgradeDrain(), this::isToEnd);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            left.gateway().close(Duration.ZERO);
        });
        log.info("hot restart taken back connections={}", handOver.parcels().size());
        return station;
    }
}
