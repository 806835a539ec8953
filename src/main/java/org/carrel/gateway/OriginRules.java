package org.carrel.gateway;

import java.util.Optional;
import org.carrel.gateway.http1.Known;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.http.Request.Proof;

/// Which page may cause which request to a session. Browsers send cookies along with whatever any page asks of them;
/// workloads don't check, and some stop checking when we inject their token.
final class OriginRules {
    private OriginRules() {}

    /// @return why it is refused; empty when it isn't
    static Optional<String> objection(RawRequest request, Proof proof, String scheme) {
        int given = request.fields().times(Known.ORIGIN);
        if (given > 1) return Optional.of("more than one Origin");
        boolean own = given == 1
                && request.fields().only(Known.ORIGIN).orElseThrow().equals(scheme + "://" + request.authority());
        if (!request.upgrade().isEmpty()) {
            if (given == 1 && !own) return Optional.of("an upgrade asked for by another origin");
            if (given == 0 && proof == Proof.COOKIE) return Optional.of("an upgrade without Origin");
            return Optional.empty();
        }
        if (proof != Proof.COOKIE || isSafe(request)) return Optional.empty();
        if (given == 1 && !own) return Optional.of("an unsafe request from another origin");
        if (given == 0 && isFromElsewhere(request)) return Optional.of("an unsafe request from another site");
        return Optional.empty();
    }

    private static boolean isSafe(RawRequest request) {
        return request.isMethod("GET") || request.isMethod("HEAD") || request.isMethod("OPTIONS");
    }

    /// Only ever a reason to refuse: older browsers don't send it.
    private static boolean isFromElsewhere(RawRequest request) {
        if (request.fields().times(Known.SEC_FETCH_SITE) == 0) return false;
        Optional<String> site = request.fields().only(Known.SEC_FETCH_SITE);
        return !(site.isPresent()
                && (site.get().equals("same-origin") || site.get().equals("none")));
    }
}
