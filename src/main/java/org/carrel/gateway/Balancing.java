package org.carrel.gateway;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.route.Place;
import org.carrel.domain.session.SessionId;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.http.Answer;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Pages.Hindrance;

/// One request to a service on its way to a copy: the next in turn, and another one, twice at most, where a copy could
/// not be reached and nothing was sent to it, or where it broke off a request that does no harm twice.
final class Balancing {
    private static final int TRIES = 3;

    private final Reception reception;
    private final Place.OfService place;
    private final Identity identity;
    private final Set<SessionId> tried = new HashSet<>();

    /// @param identity of whoever asks
    Balancing(Reception reception, Place.OfService place, Identity identity) {
        this.reception = reception;
        this.place = place;
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
                new Place.InSession(copy.get(), place.prefix(), place.ownOrigin()),
                identity instanceof Identity.Known known ? known : Identity.Known.ANYBODY,
                Optional.of(this));
        return true;
    }

    boolean isSandboxed() {
        return place.sandboxed();
    }

    /// Nobody who asks for a service has a session of it.
    Hindrance shown(Hindrance why) {
        return switch (why) {
            case Hindrance.Absent absent -> identity instanceof Identity.Known ? why : new Hindrance.Unproved(identity);
            case Hindrance.NotYet _, Hindrance.Gone _ -> unready();
            case Hindrance.Silent silent -> silent.busy() ? brokeOff() : unready();
            case Hindrance.Unproved _, Hindrance.SigningOut _, Hindrance.Refused _ -> why;
        };
    }

    Identity identity() {
        return identity;
    }

    /// It may have been carried out.
    private static Hindrance brokeOff() {
        return new Hindrance.Refused(
                502,
                "The copy of this service that was asked broke off without an answer, and no other could be asked"
                        + " instead. Look whether it was done before you try again.");
    }

    private static Hindrance unready() {
        return new Hindrance.Refused(503, "No copy of this service answers just now. Try again in a moment.");
    }
}
