package org.carrel.gateway;

import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Place;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.http.Answer;
import org.carrel.http.RequestId;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Pages.Hindrance;

/// A request of somebody known to a session.
record Visit(
        ClientConnection client,
        Place.InSession place,
        Identity.Known known,
        String scheme,
        String authority,
        RequestId id) {

    void carry(RawRequest request, HeldLease lease) {
        ProxyRules rules = lease.open.rules();
        boolean keeps = rules.prefix() == ProxyRules.Prefix.KEEP;
        if (keeps && place.prefix().isEmpty()) {
            toItsPrefix(request);
            return;
        }
        Rewriting.Asked asked = new Rewriting.Asked(
                place,
                scheme,
                authority,
                client.loop.reception.remote(client, request),
                Reception.isOurProof(known.proof()));
        Rewriting rewriting = lease.rewriting(asked);
        new Carry(this, lease, rewriting.there(), rewriting.back(), request).begin(request);
    }

    /// A workload that was started with `/s/<id>` as its base lives there on its own origin too.
    private void toItsPrefix(RawRequest request) {
        String query = request.query().isEmpty() ? "" : "?" + request.query();
        int status = request.isMethod("GET") || request.isMethod("HEAD") ? 302 : 307;
        String location = "/s/" + place.id() + request.path() + query;
        client.loop.reception.answer(client, request, Answer.redirect(status, location));
    }

    void instead(Hindrance why) {
        client.loop.reception.instead(client, client.parsedAgain(), place, known, why);
    }
}
