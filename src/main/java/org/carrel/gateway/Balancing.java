package org.carrel.gateway;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.route.Place;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.UserId;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.http.Answer;
import org.carrel.http.Request.Proof;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Pages.Hindrance;
import org.carrel.port.Standing;

/// One request to a service on its way to a copy: the next in turn, and another one, twice at most, where a copy could
/// not be reached and nothing was sent to it.
final class Balancing {
    private static final int TRIES = 3;
    private static final Identity.Known ANYBODY =
            new Identity.Known(new Principal(UserId.ANYBODY, Set.of(), Set.of()), Proof.NONE, Standing.LASTING);

    private final Reception reception;
    private final Place.OfService place;
    private final boolean sandboxed;
    private final Identity identity;
    private final Set<SessionId> tried = new HashSet<>();

    /// @param sandboxed the portal's host serves no session, so the service's pages must not act as the portal's
    /// @param identity  of whoever asks
    Balancing(Reception reception, Place.OfService place, boolean sandboxed, Identity identity) {
        this.reception = reception;
        this.place = place;
        this.sandboxed = sandboxed;
        this.identity = identity;
    }

    void begin(ClientConnection client, RawRequest request) {
        if (next(client, request)) return;
        Answer.Whole none = Answer.text(503, "503: no copy of this service is ready; try again in a moment\n")
                .with("Retry-After", "2");
        reception.answer(client, request, none);
    }

    /// @return false when there is no other copy to try
    boolean next(ClientConnection client, RawRequest request) {
        if (tried.size() >= TRIES) return false;
        Optional<SessionId> copy = client.loop.copies.next(client.loop.services.views.current(), place.app(), tried);
        if (copy.isEmpty()) return false;
        tried.add(copy.get());
        reception.toSession(
                client,
                request,
                new Place.InSession(copy.get(), place.prefix(), false),
                identity instanceof Identity.Known known ? known : ANYBODY,
                Optional.of(this));
        return true;
    }

    boolean isSandboxed() {
        return sandboxed;
    }

    /// Nobody who asks for a service has a session of it.
    Hindrance shown(Hindrance why) {
        return switch (why) {
            case Hindrance.Absent absent -> identity instanceof Identity.Known ? why : new Hindrance.Unproved(identity);
            case Hindrance.NotYet _, Hindrance.Gone _ -> unready();
            case Hindrance.Silent silent -> silent.busy() ? why : unready();
            case Hindrance.Unproved _, Hindrance.Refused _ -> why;
        };
    }

    Identity identity() {
        return identity;
    }

    private static Hindrance unready() {
        return new Hindrance.Refused(503, "No copy of this service answers just now. Try again in a moment.");
    }
}
