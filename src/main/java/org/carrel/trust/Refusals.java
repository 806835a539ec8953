package org.carrel.trust;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How often peers were turned away, by cause. Each cause is logged the first time, the tenth, the hundredth and so on,
/// so that a stranger who knocks for ever can't fill the log.
public final class Refusals {
    private static final Logger log = LoggerFactory.getLogger(Refusals.class);

    /// Why a certificate isn't taken.
    public enum Cause {
        /// it showed no certificate
        NONE("it showed no certificate"),
        /// signed by another key
        FOREIGN("its certificate is of another cluster; copy this cluster's key directory to it if it belongs here"),
        EXPIRED("its certificate has expired; look at its clock and at its log, a node renews by itself"),
        /// begins in the future
        EARLY("its certificate isn't valid yet: the clock is wrong here or there"),
        /// signed by this cluster and still no node's certificate
        SHAPE("its certificate is no certificate of a node"),
        ROLE("its certificate doesn't give it the role this needs"),
        SHUT_OUT("it was shut out of the cluster; to let it in again: carrel forget NODE --undo");

        private final String sentence;

        Cause(String sentence) {
            this.sentence = sentence;
        }

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public String sentence() {
            return sentence;
        }
    }

    private final Map<Cause, AtomicLong> counts = new EnumMap<>(Cause.class);

    Refusals() {
        for (Cause cause : Cause.values()) counts.put(cause, new AtomicLong());
    }

    public long count(Cause cause) {
        AtomicLong count = counts.get(cause);
        return count == null ? 0 : count.get();
    }

    /// @param who what can be said of the peer, such as its subject; made safe for the log
    void add(Cause cause, String who) {
        AtomicLong count = counts.get(cause);
        if (count == null) return;
        long times = count.incrementAndGet();
        if (isPowerOfTen(times))
            log.warn(
                    "peer refused cause={} times={} peer=\"{}\" why=\"{}\"",
                    cause.word(),
                    times,
                    shown(who),
                    cause.sentence());
    }

    private static boolean isPowerOfTen(long value) {
        long power = 1;
        while (power < value) power *= 10;
        return power == value;
    }

    private static String shown(String who) {
        String cut = who.length() > 80 ? who.substring(0, 80) + "…" : who;
        return cut.replaceAll("[^ -~]|\"", "?");
    }
}
