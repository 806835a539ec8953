package org.carrel.gateway;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.route.Origin;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.port.Identities.Identity;
import org.jspecify.annotations.Nullable;

/// Who was proved to be at the other end of one connection, so that the same cookie isn't checked for every picture
/// of a page. Kept while nothing is revoked, and for 3 s at most, since proofs also end with time.
final class ProvenIdentity {
    private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private byte[] proof = new byte[0];
    private Origin origin = Origin.PORTAL;
    private @Nullable Identity identity;
    private long since;
    private long version;

    /// @param current version of the identities
    /// @return what was found for these very bytes of `Cookie` and `Authorization`, lately
    Optional<Identity> recall(RawRequest request, Origin addressed, long now, long current) {
        if (identity == null || version != current || now - since > LIFE_NANOS || !origin.equals(addressed))
            return Optional.empty();
        return request.hasProof(proof) ? Optional.of(identity) : Optional.empty();
    }

    /// @param asked version of the identities before it was found
    void remember(RawRequest request, Origin addressed, Identity found, long now, long asked) {
        proof = request.proof();
        origin = addressed;
        identity = found;
        since = now;
        version = asked;
    }
}
