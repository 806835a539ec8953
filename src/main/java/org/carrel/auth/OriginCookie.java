package org.carrel.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.carrel.domain.route.Origin;
import org.carrel.http.Header;
import org.carrel.http.RequestHead;

/// The proof on an origin of a session's or service's own: for this user, this session or service, this origin, and as
/// long as the sign-in it came from isn't ended; 12 h at most. A session id is never used twice, so the session's end
/// ends it too.
final class OriginCookie {
    private static final String PURPOSE = "origin cookie";

    private final Signer signer;
    private final InstantSource clock;

    OriginCookie(Signer signer, InstantSource clock) {
        this.signer = signer;
        this.clock = clock;
    }

    Header write(SignedIn portal, Origin whose, RequestHead head) {
        Instant now = clock.instant();
        Instant expires =
                PortalCookie.earlier(now.plus(PortalCookie.LIFE), portal.began().plus(PortalCookie.LONGEST));
        SignedIn signedIn = new SignedIn(
                portal.user(), portal.login(), portal.stamp(), portal.began(), now, expires, whose, originOf(head));
        return Cookies.set(
                head.scheme(), Cookies.SESSION, signer.sign(PURPOSE, signedIn.text()), Duration.between(now, expires));
    }

    Optional<SignedIn> read(String value, Origin whose, RequestHead head) {
        return signer.verify(PURPOSE, value)
                .flatMap(SignedIn::parse)
                .filter(it -> it.whose().equals(whose))
                .filter(it -> it.origin().equals(originOf(head)))
                .filter(it -> clock.instant().isBefore(it.expires()));
    }

    static String originOf(RequestHead head) {
        return head.scheme() + "://" + head.authority();
    }
}
