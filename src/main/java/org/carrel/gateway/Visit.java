package org.carrel.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Place;
import org.carrel.domain.user.Principal;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.gateway.http1.RequestRewrite;
import org.carrel.gateway.http1.ResponseRewrite;
import org.carrel.gateway.http1.Way;
import org.carrel.http.Answer;
import org.carrel.http.Header;
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
        Way way = new Way(
                place.prefix(),
                !keeps,
                place.ownOrigin(),
                scheme,
                authority,
                rules.host() == ProxyRules.Host.LOCALHOST);
        boolean ours = Reception.isOurProof(known.proof());
        RequestRewrite there = new RequestRewrite(way, ours, identity(request, way), lease.open.inject());
        new Carry(this, lease, there, new ResponseRewrite(way), request).begin(request);
    }

    /// A workload that was started with `/s/<id>` as its base lives there on its own origin too.
    private void toItsPrefix(RawRequest request) {
        String query = request.query().isEmpty() ? "" : "?" + request.query();
        int status = request.isMethod("GET") || request.isMethod("HEAD") ? 302 : 307;
        String location = "/s/" + place.id() + request.path() + query;
        client.loop.reception.answer(client, request, Answer.redirect(status, location));
    }

    private List<Header> identity(RawRequest request, Way way) {
        Principal by = known.principal();
        String groups = by.groups().stream().sorted().collect(Collectors.joining(","));
        List<Header> identity = new ArrayList<>();
        identity.add(new Header(
                "X-Forwarded-For", client.loop.reception.remote(client, request).getHostAddress()));
        identity.add(new Header("X-Forwarded-Proto", scheme));
        identity.add(new Header("X-Forwarded-Host", authority));
        if (way.strips() && !way.prefix().isEmpty()) identity.add(new Header("X-Forwarded-Prefix", way.prefix()));
        identity.add(new Header("X-Carrel-User", by.user().value()));
        identity.add(new Header("X-Carrel-Groups", groups));
        identity.add(new Header("X-SP-UserId", by.user().value()));
        identity.add(new Header("X-SP-UserGroups", groups));
        return identity;
    }

    void instead(Hindrance why) {
        client.loop.reception.instead(client, client.parsedAgain(), place, known, why);
    }
}
