package org.carrel.port;

import java.io.IOException;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;

/// The direct question between two nodes that don't share a cluster yet. Both prove that they have the
/// cluster key, and both learn from it: the one who asks says who it is first.
public interface Probes {
    /// Blocks for at most 3 s.
    /// @param door that may be one
    /// @throws IOException when nobody answers there, or nobody with a certificate of this cluster
    Claim ask(Candidate door, Claim mine) throws IOException, InterruptedException;

    /// The other side of it.
    interface Answerer {
        /// Any thread; never blocks.
        /// @param asker proved by its certificate; what it says of itself is to be believed
        Claim answer(Claim asker);
    }
}
