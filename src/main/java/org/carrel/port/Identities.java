package org.carrel.port;

import java.util.Optional;
import java.util.Set;
import org.carrel.domain.route.Origin;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.UserId;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestHead;

/// Proves who sent a request from what its head carries. Never blocks: event loops ask it for every request.
public interface Identities {
    /// @param origin whose origin was addressed
    Identity identify(RequestHead head, Origin origin);

    /// What a connection was opened by, after another program of this node has taken it over.
    /// @param proof the kind it was
    /// @param claim of its standing
    /// @param then  whom it proved
    /// @return empty when it no longer holds
    default Optional<Identity.Known> again(Proof proof, String claim, Principal then) {
        return Optional.empty();
    }

    /// Rises whenever a proof that held may hold no more: a sign-out, a revoked token, a changed list of users. Whoever
    /// keeps something open then asks its standing. One read; what passes with time alone doesn't show here.
    long version();

    sealed interface Identity {
        /// @param standing what this proof lives and ends with
        record Known(Principal principal, Proof proof, Standing standing) implements Identity {
            /// whoever isn't signed in, where such people may be let in
            public static final Known ANYBODY =
                    new Known(new Principal(UserId.ANYBODY, Set.of(), Set.of()), Proof.NONE, Standing.LASTING);
        }

        /// no proof at all
        record Nobody() implements Identity {}

        /// a proof that doesn't hold: expired, forged, two cookies of one name
        record Refused(int status, String why) implements Identity {}
    }
}
