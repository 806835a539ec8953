package org.carrel.main;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.carrel.gateway.Departure;
import org.carrel.gateway.Gateway;
import org.carrel.gateway.restart.Message.Use;
import org.carrel.gateway.restart.Parcel;
import org.carrel.gateway.restart.Successor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last days of a gateway whose place was taken: what is under way goes to its end; each connection that comes to
/// rest is given to the one who took over.
final class Lingering {
    private static final Logger log = LoggerFactory.getLogger(Lingering.class);
    private static final long BRISK_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long BRISK_MILLIS = 10;
    private static final long CALM_MILLIS = 100;

    /// Who took over.
    interface Heir {
        /// The sockets stay the caller's.
        void give(Parcel parcel) throws IOException;

        void busy(List<Use> uses) throws IOException;

        static Heir of(Successor successor) {
            return new Heir() {
                @Override
                public void give(Parcel parcel) throws IOException {
                    successor.give(parcel);
                    parcel.drop();
                }

                @Override
                public void busy(List<Use> uses) throws IOException {
                    successor.busy(uses);
                }
            };
        }

        /// in the same program, after a successor that failed
        static Heir of(Gateway gateway, StaysBehind counts) {
            return new Heir() {
                @Override
                public void give(Parcel parcel) {
                    gateway.adopt(parcel);
                }

                @Override
                public void busy(List<Use> uses) {
                    counts.uses(uses);
                }
            };
        }
    }

    private final Departure departure;
    private final Heir heir;
    private boolean heirGone;

    Lingering(Departure departure, Heir heir) {
        this.departure = departure;
        this.heir = heir;
    }

    /// Blocks until nothing is left, the deadline is over, or somebody is in a hurry.
    void run(Duration deadline, BooleanSupplier hurry) throws InterruptedException {
        long began = System.nanoTime();
        while (departure.connections() > 0) {
            long past = System.nanoTime() - began;
            if (past > deadline.toNanos() || hurry.getAsBoolean()) break;
            departure.sweep();
            for (Parcel parcel : departure.parcels()) give(parcel);
            tell(departure.staying());
            TimeUnit.MILLISECONDS.sleep(past < BRISK_NANOS ? BRISK_MILLIS : CALM_MILLIS);
        }
        for (Parcel parcel : departure.parcels()) give(parcel);
        tell(List.of());
        log.info(
                "nothing left to finish cut_off={} took_s={}",
                departure.connections(),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    }

    private void give(Parcel parcel) {
        try {
            if (!heirGone) {
                heir.give(parcel);
                return;
            }
        } catch (IOException gone) {
            heirGone = true;
        }
        parcel.drop();
    }

    private void tell(List<Use> uses) {
        try {
            if (!heirGone) heir.busy(uses);
        } catch (IOException gone) {
            heirGone = true; // whoever comes after it adopts; what is under way here still ends well
        }
    }
}
