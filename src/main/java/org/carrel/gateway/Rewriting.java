package org.carrel.gateway;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Place;
import org.carrel.domain.user.Principal;
import org.carrel.gateway.http1.RequestRewrite;
import org.carrel.gateway.http1.ResponseRewrite;
import org.carrel.gateway.http1.Way;
import org.carrel.http.Header;
import org.carrel.port.Admission.Verdict.Open;

/// How the heads of one visitor's requests to one session, and of their answers, are written anew. Kept with the lease:
/// the next request nearly always needs the same.
record Rewriting(Asked asked, RequestRewrite there, ResponseRewrite back) {

    /// All of a request that decides about it, beside its lease.
    /// @param ours the proof was for us and isn't passed on
    /// @param sandboxed its pages must not act as those of the host that serves them
    record Asked(
            Place.InSession place,
            String scheme,
            String authority,
            InetAddress remote,
            boolean ours,
            boolean sandboxed) {
        Asked(Place.InSession place, String scheme, String authority, InetAddress remote, boolean ours) {
            this(place, scheme, authority, remote, ours, false);
        }
    }

    static Rewriting of(Asked asked, Principal by, Open open) {
        Place.InSession place = asked.place();
        ProxyRules rules = open.rules();
        Way way = new Way(
                place.prefix(),
                rules.prefix() == ProxyRules.Prefix.STRIP,
                place.ownOrigin(),
                asked.scheme(),
                asked.authority(),
                rules.host() == ProxyRules.Host.LOCALHOST);
        Set<String> withheld = rules.withheld();
        List<Header> identity = identity(asked, by, way);
        rules.rootPath()
                .ifPresent(name -> identity.add(new Header(name, way.prefix().isEmpty() ? "/" : way.prefix())));
        RequestRewrite there = new RequestRewrite(way, asked.ours(), identity, open.inject(), withheld);
        return new Rewriting(asked, there, new ResponseRewrite(way, asked.sandboxed(), withheld));
    }

    private static List<Header> identity(Asked asked, Principal by, Way way) {
        String groups = by.groups().stream().sorted().collect(Collectors.joining(","));
        List<Header> identity = new ArrayList<>();
        identity.add(new Header("X-Forwarded-For", asked.remote().getHostAddress()));
        identity.add(new Header("X-Forwarded-Proto", asked.scheme()));
        identity.add(new Header("X-Forwarded-Host", asked.authority()));
        if (way.strips() && !way.prefix().isEmpty()) identity.add(new Header("X-Forwarded-Prefix", way.prefix()));
        if (by.user().cannotSignIn()) return identity; // nobody is known
        identity.add(new Header("X-Carrel-User", by.user().value()));
        identity.add(new Header("X-Carrel-Groups", groups));
        identity.add(new Header("X-SP-UserId", by.user().value()));
        identity.add(new Header("X-SP-UserGroups", groups));
        return identity;
    }
}
