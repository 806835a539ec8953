package org.carrel.gateway;

import java.util.Optional;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Place;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.http.Answer;
import org.carrel.http.RequestId;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Pages.Hindrance;

/// A request of somebody known to a session.
/// @param balancing where it is one to a service
record Visit(
        ClientConnection client,
        Place.InSession place,
        Identity.Known known,
        String scheme,
        String authority,
        RequestId id,
        Optional<Balancing> balancing) {

    void carry(RawRequest request, HeldLease lease) {
        ProxyRules rules = lease.open.rules();
        boolean keeps = rules.prefix() == ProxyRules.Prefix.KEEP;
        // a service was started for where it is served
        if (keeps && place.prefix().isEmpty() && balancing.isEmpty()) {
            toItsPrefix(request);
            return;
        }
        if (rules.signOut().isPresent() && isSignOut(request, rules.signOut().get())) {
            instead(new Hindrance.SigningOut());
            return;
        }
        Rewriting.Asked asked = new Rewriting.Asked(
                place,
                scheme,
                authority,
                client.loop.reception.remote(client, request),
                Reception.isOurProof(known.proof()),
                balancing.filter(Balancing::isSandboxed).isPresent());
        Rewriting rewriting = lease.rewriting(asked);
        new Carry(this, lease, rewriting.there(), rewriting.back(), request).begin(request);
    }

    private boolean isSignOut(RawRequest request, String path) {
        return request.isMethod("POST") && place.below(request.path()).equals(path);
    }

    /// A workload that was started with `/s/<id>` as its base lives there on its own origin too.
    private void toItsPrefix(RawRequest request) {
        String query = request.query().isEmpty() ? "" : "?" + request.query();
        int status = request.isMethod("GET") || request.isMethod("HEAD") ? 302 : 307;
        String location = "/s/" + place.id() + request.path() + query;
        client.loop.reception.answer(client, request, Answer.redirect(status, location));
    }

    /// Nothing was sent, or it may be sent twice: another copy of a service may do.
    void unreached(Hindrance why) {
        if (balancing.isPresent() && balancing.get().next(client, client.parsedAgain())) return;
        instead(why);
    }

    void instead(Hindrance why) {
        Hindrance shown = balancing.map(it -> it.shown(why)).orElse(why);
        Identity identity = balancing.map(Balancing::identity).orElse(known);
        client.loop.reception.instead(client, client.parsedAgain(), place, identity, shown);
    }
}
