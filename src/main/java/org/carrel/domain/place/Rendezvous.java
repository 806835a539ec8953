package org.carrel.domain.place;

import static org.carrel.domain.Require.require;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.carrel.domain.node.NodeName;

/// Weighted rendezvous: each node draws a lot for the subject, and the lots give the order. A node that comes or goes
/// moves only the subjects it wins or had won; a node of weight 2 is first twice as often as one of weight 1.
///
/// The lot is an exponential variate, `-ln(u) / weight` with `u` the hash of subject and node (Thaler, Ravishankar
/// 1998;
/// with weights: Schindelhauer, Schomaker 2005). Reckoned in whole numbers, with log2 in place of ln, so that no two
/// machines can round it differently.
final class Rendezvous {
    private static final int FRACTION_BITS = 30;
    private static final long WEIGHT_MOST = 1L << 24;

    /// @param weight 1 to 2^24; more counts as that
    record Entrant(NodeName node, long weight) {
        Entrant {
            require(weight >= 1, "the weight of " + node + " must be at least 1, not " + weight);
        }
    }

    private record Lot(NodeName node, long value) {}

    private static final Comparator<Lot> LEAST =
            Comparator.comparingLong(Lot::value).thenComparing(lot -> lot.node().value());

    private Rendezvous() {}

    /// @param subject what is to be placed, as texts that together name it
    static List<NodeName> order(List<String> subject, List<Entrant> entrants) {
        long hashed = StableHash.hashed(subject);
        List<Lot> lots = new ArrayList<>(entrants.size());
        for (Entrant entrant : entrants) lots.add(new Lot(entrant.node(), lot(hashed, entrant)));
        lots.sort(LEAST);
        return lots.stream().map(Lot::node).toList();
    }

    private static long lot(long subject, Entrant entrant) {
        long scaled = minusLog2(StableHash.of(subject, entrant.node().value())) << 64 - 7 - FRACTION_BITS;
        return Long.divideUnsigned(scaled, Math.min(entrant.weight(), WEIGHT_MOST));
    }

    /// @param hash as a number u = hash / 2^64 between 0 and 1; 0 counts as half of 1
    /// @return -log2(u) in units of 2^-30, at most 65 * 2^30; exact to the last bit but one
    static long minusLog2(long hash) {
        if (hash == 0) return 65L << FRACTION_BITS;
        int zeros = Long.numberOfLeadingZeros(hash);
        // the mantissa, 1 <= m < 2, with 62 bits after the point; each squaring yields one bit of its logarithm
        long mantissa = hash << zeros >>> 1;
        long log = 0;
        for (int bit = 0; bit < FRACTION_BITS; bit++) {
            long square = Math.multiplyHigh(mantissa, mantissa); // 60 bits after the point
            boolean isTwoOrMore = square >= 1L << 61;
            log = log << 1 | (isTwoOrMore ? 1 : 0);
            mantissa = isTwoOrMore ? square << 1 : square << 2;
        }
        return ((zeros + 1L) << FRACTION_BITS) - log;
    }
}
