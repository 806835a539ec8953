package org.carrel.auth;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.carrel.auth.Cookies.Found;
import org.carrel.domain.route.Origin;
import org.carrel.domain.session.SessionId;
import org.carrel.http.Header;
import org.carrel.http.RequestHead;
import org.carrel.port.HandOverCodes;

/// How a browser that is signed in on the portal comes to a cookie of a session's or a service's own origin:
///
///     1. the origin sets a verifier cookie (random) and leads to the portal with its SHA-256, the challenge
///     2. the portal, knowing user and owner, makes a code: 60 s, for one use, for this user, session and challenge
///     3. the origin redeems it with the verifier, and sets its own cookie
///
/// A code that is seen by somebody else is of no use without the verifier, which never leaves the browser and the
/// origin. Source of the idea: PKCE, RFC 7636.
///
/// Codes lie at the node that owns the session (`HandOverCodes`), so the three steps may go through three gateways. Who
/// is signed in is signed by the gateway that asks and read by the one that redeems. A service's code lies at one of
/// its
/// copies.
public final class HandOver {
    static final Duration VERIFIER_LIFE = Duration.ofMinutes(15);
    private static final String PURPOSE = "hand-over";

    private final Signer signer;
    private final OriginCookie cookies;

    HandOver(Signer signer, OriginCookie cookies) {
        this.signer = signer;
        this.cookies = cookies;
    }

    /// @param challenge to be given to the portal
    /// @param cookie    to be set on the origin; empty when the browser has one already (another tab has begun too)
    public record Begun(String challenge, Optional<Header> cookie) {}

    public Begun begin(RequestHead head) {
        Optional<String> present = Cookies.find(head, Cookies.VERIFIER).one().filter(Secrets::isWellFormed);
        if (present.isPresent()) return new Begun(Secrets.digest(present.get()), Optional.empty());
        String verifier = Secrets.random();
        return new Begun(
                Secrets.digest(verifier),
                Optional.of(Cookies.set(head.scheme(), Cookies.VERIFIER, verifier, VERIFIER_LIFE)));
    }

    /// @return the code; empty when the challenge can't be one, or the session isn't there
    Optional<String> promise(HandOverCodes codes, SignedIn portal, SessionId session, String challenge)
            throws IOException, InterruptedException {
        if (!Secrets.isWellFormed(challenge)) return Optional.empty();
        return codes.promise(session, challenge, signer.sign(PURPOSE, portal.text()));
    }

    /// Uses the code up, whatever comes of it.
    /// @param head a request on the session's own origin
    /// @return the cookie for that origin; empty when code, session and browser don't belong together
    /// @throws IOException when the session's node doesn't answer
    public Optional<Header> redeem(HandOverCodes codes, String code, SessionId session, RequestHead head)
            throws IOException, InterruptedException {
        return redeem(codes, code, session, new Origin.OfSession(session), head);
    }

    /// @param keeper the session at whose node the code lies
    /// @param whose  origin it is that `head` was addressed to
    public Optional<Header> redeem(HandOverCodes codes, String code, SessionId keeper, Origin whose, RequestHead head)
            throws IOException, InterruptedException {
        if (!Secrets.isWellFormed(code)) return Optional.empty();
        Found verifier = Cookies.find(head, Cookies.VERIFIER);
        // without one the code is used up too
        String challenge = verifier.one().map(Secrets::digest).orElse("");
        return codes.redeem(keeper, code, challenge)
                .flatMap(kept -> signer.verify(PURPOSE, kept))
                .flatMap(SignedIn::parse)
                .map(portal -> cookies.write(portal, whose, head));
    }
}
