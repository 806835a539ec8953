package org.carrel.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.carrel.auth.Cookies.Found;
import org.carrel.domain.session.SessionId;
import org.carrel.http.Header;
import org.carrel.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// How a browser that is signed in on the portal comes to a cookie of a session's own origin:
///
///     1. the origin sets a verifier cookie (random) and leads to the portal with its SHA-256, the challenge
///     2. the portal, knowing user and owner, makes a code: 60 s, for one use, for this user, session and challenge
///     3. the origin redeems it with the verifier, and sets its own cookie
///
/// A code that is seen by somebody else is of no use without the verifier, which never leaves the browser and the
/// origin. Source of the idea: PKCE, RFC 7636.
public final class HandOver {
    static final Duration CODE_LIFE = Duration.ofSeconds(60);
    static final Duration VERIFIER_LIFE = Duration.ofMinutes(15);
    static final int MAX_CODES = 10_000;
    private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final InstantSource clock;
    private final OriginCookie cookies;
    /// by digest, oldest first
    private final Map<String, Promise> promises = new LinkedHashMap<>();

    private record Promise(SignedIn portal, SessionId session, String challenge, Instant expires) {}

    HandOver(InstantSource clock, OriginCookie cookies) {
        this.clock = clock;
        this.cookies = cookies;
    }

    /// @param challenge to be given to the portal
    /// @param cookie    to be set on the origin; empty when the browser has one already (another tab has begun too)
    public record Begun(String challenge, Optional<Header> cookie) {}

    public Begun begin(RequestHead head) {
        Optional<String> present = Cookies.find(head, Cookies.VERIFIER).one().filter(HandOver::isWellFormed);
        if (present.isPresent()) return new Begun(Secrets.digest(present.get()), Optional.empty());
        String verifier = Secrets.random();
        return new Begun(
                Secrets.digest(verifier),
                Optional.of(Cookies.set(head.scheme(), Cookies.VERIFIER, verifier, VERIFIER_LIFE)));
    }

    /// @return the code; empty when the challenge can't be one
    synchronized Optional<String> promise(SignedIn portal, SessionId session, String challenge) {
        if (!isWellFormed(challenge)) return Optional.empty();
        Instant now = clock.instant();
        promises.values().removeIf(it -> !now.isBefore(it.expires()));
        if (promises.size() >= MAX_CODES)
            promises.remove(promises.keySet().iterator().next());
        String code = Secrets.random();
        promises.put(Secrets.digest(code), new Promise(portal, session, challenge, now.plus(CODE_LIFE)));
        return Optional.of(code);
    }

    /// Uses the code up, whatever comes of it.
    /// @param head a request on the session's own origin
    /// @return the cookie for that origin; empty when code, session and browser don't belong together
    public Optional<Header> redeem(String code, SessionId session, RequestHead head) {
        Promise promise = isWellFormed(code) ? take(Secrets.digest(code)) : null;
        if (promise == null || !clock.instant().isBefore(promise.expires())) return Optional.empty();
        Found verifier = Cookies.find(head, Cookies.VERIFIER);
        boolean belongs = promise.session().equals(session)
                && verifier.one()
                        .filter(it -> Secrets.same(Secrets.digest(it), promise.challenge()))
                        .isPresent();
        return belongs ? Optional.of(cookies.write(promise.portal(), session, head)) : Optional.empty();
    }

    private synchronized @Nullable Promise take(String digest) {
        return promises.remove(digest);
    }

    private static boolean isWellFormed(String text) {
        return TEXT.matcher(text).matches();
    }
}
