package org.carrel.auth;

import java.util.Optional;
import java.util.Set;
import org.carrel.api.ApiWords;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestHead;

/// Whether the user meant it: what a browser does by itself, with the user's cookie, on behalf of somebody
/// else's page
/// must change nothing (R7). Needed for proofs by cookie only.
public final class Csrf {
    private static final String PURPOSE = "token of pages";
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
    private static final Set<String> FROM_US = Set.of("same-origin", "none");

    private final Signer signer;
    private final SignedIdentities identities;

    Csrf(Signer signer, SignedIdentities identities) {
        this.signer = signer;
        this.identities = identities;
    }

    /// For unsafe requests by script: exact Origin, the token in `X-Carrel-Token`, and JSON if there is a body.
    /// @return why it is refused; empty when it holds, or needs no such check
    public Optional<String> objection(Request request) {
        RequestHead head = request.head();
        if (SAFE.contains(head.method()) || request.proof() != Proof.COOKIE) return Optional.empty();
        Optional<String> foreign = foreign(head);
        if (foreign.isPresent()) return foreign;
        if (!isJsonOrNothing(head)) return Optional.of("the body must be application/json");
        String given = head.header(ApiWords.CSRF_HEADER).orElse("");
        return holds(head, given) ? Optional.empty() : Optional.of(ApiWords.CSRF_HEADER + " is missing or too old");
    }

    /// For a form of ours: exact Origin, and the token in a field.
    public Optional<String> objectionToForm(Request request, String field) {
        Optional<String> foreign = foreign(request.head());
        if (foreign.isPresent()) return foreign;
        return holds(request.head(), field) ? Optional.empty() : Optional.of("the form is too old; load it again");
    }

    /// Exact Origin, which every browser sends with an unsafe request; Fetch Metadata can only speak against it.
    public static Optional<String> foreign(RequestHead head) {
        var origins = head.headers("Origin");
        if (origins.size() != 1 || !origins.getFirst().equals(OriginCookie.originOf(head)))
            return Optional.of("the request comes from elsewhere (Origin)");
        Optional<String> site = head.header("Sec-Fetch-Site");
        if (site.isPresent() && !FROM_US.contains(site.get()))
            return Optional.of("the request comes from elsewhere (Sec-Fetch-Site)");
        return Optional.empty();
    }

    /// @return the token for pages of the one who asks; empty when the proof is no cookie
    public String tokenFor(RequestHead head) {
        return identities
                .provenOnPortal(head)
                .map(it -> signer.sign(PURPOSE, it.signedIn().login()))
                .orElse("");
    }

    private boolean holds(RequestHead head, String given) {
        Optional<String> login =
                identities.provenOnPortal(head).map(it -> it.signedIn().login());
        return login.isPresent() && signer.verify(PURPOSE, given).equals(login);
    }

    private static boolean isJsonOrNothing(RequestHead head) {
        Optional<String> type = head.header("Content-Type");
        if (type.isPresent()) {
            String bare = type.get().split(";", 2)[0].strip();
            return bare.equalsIgnoreCase("application/json");
        }
        return head.header("Transfer-Encoding").isEmpty()
                && head.header("Content-Length").orElse("0").equals("0");
    }
}
