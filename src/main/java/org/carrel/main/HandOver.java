package org.carrel.main;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionState;
import org.carrel.gateway.Departure;
import org.carrel.gateway.restart.Listening;
import org.carrel.gateway.restart.Parcel;
import org.carrel.gateway.restart.Successor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A station that gives its place to a successor. Until that has truly taken it, everything that was given is kept
/// here too, so that the place can be had back.
final class HandOver {
    private static final Logger log = LoggerFactory.getLogger(HandOver.class);
    /// promised sessions aren't written down; at most so long is waited for a moment without any
    private static final Duration PROMISES = Duration.ofSeconds(3);
    private static final Duration PAGES = Duration.ofSeconds(2);
    private static final Duration TOOK = Duration.ofSeconds(30);

    private final Station station;
    private final Departure departure;
    private final List<Parcel> kept = new ArrayList<>();

    private HandOver(Station station, Departure departure) {
        this.station = station;
        this.departure = departure;
    }

    /// @throws IOException when it can't even begin: the station is as before
    static HandOver begin(Station station) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PROMISES.toNanos();
        while (hasPromises(station) && System.nanoTime() < deadline) TimeUnit.MILLISECONDS.sleep(20);
        return new HandOver(station, station.gateway().leave());
    }

    private static boolean hasPromises(Station station) {
        for (Session session : station.agent().current().sessions().values())
            if (session.state() instanceof SessionState.Reserved) return true;
        return false;
    }

    /// @return it has taken our place; else the caller opens another station, with what `listeners` and `parcels` give
    boolean to(Successor successor) throws InterruptedException {
        long began = System.nanoTime();
        boolean behind = false;
        try {
            departure.settle(PAGES);
            give(successor);
            station.closeBehind();
            behind = true;
            departure.sweep();
            give(successor);
            successor.yours(departure.connections());
            successor.awaitTook(TOOK);
            kept.forEach(Parcel::drop);
            kept.clear();
            departure.listeners().forEach(Listening::close);
            log.info(
                    "hot restart done successor={} left={} took_ms={}",
                    successor.pid(),
                    departure.connections(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            return true;
        } catch (IOException failed) {
            log.warn("hot restart failed, going on successor={} cause=\"{}\"", successor.pid(), failed.getMessage());
            if (!behind) station.closeBehind();
            return false;
        }
    }

    private void give(Successor successor) throws IOException {
        List<Parcel> parcels = departure.parcels();
        kept.addAll(parcels);
        for (Parcel parcel : parcels) successor.give(parcel);
    }

    List<Listening> listeners() {
        return departure.listeners();
    }

    /// What was given to a successor that didn't take it.
    List<Parcel> parcels() {
        return kept;
    }

    Departure departure() {
        return departure;
    }
}
