package org.carrel.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.carrel.domain.route.Origin;
import org.carrel.http.Header;

/// The proof of a signed-in browser, for the portal alone. Signed; holds for 12 h, renewed in use after half
/// of that,
/// and for 7 days from the password at most.
final class PortalCookie {
    static final Duration LIFE = Duration.ofHours(12);
    static final Duration LONGEST = Duration.ofDays(7);
    private static final String PURPOSE = "portal cookie";

    private final Signer signer;
    private final InstantSource clock;

    PortalCookie(Signer signer, InstantSource clock) {
        this.signer = signer;
        this.clock = clock;
    }

    /// a new sign-in
    Header begin(Account account, String scheme) {
        Instant now = clock.instant();
        return write(account, Secrets.random(), now, now, scheme);
    }

    /// @return the next cookie of the same sign-in, when this one is past its half
    Optional<Header> renewed(SignedIn now, Account account, String scheme) {
        Instant at = clock.instant();
        if (Duration.between(now.issued(), at).compareTo(LIFE.dividedBy(2)) < 0) return Optional.empty();
        return Optional.of(write(account, now.login(), now.began(), at, scheme));
    }

    /// @return what it says, when it was signed by us and has not expired
    Optional<SignedIn> read(String value) {
        return signer.verify(PURPOSE, value)
                .flatMap(SignedIn::parse)
                .filter(it ->
                        it.whose().equals(Origin.PORTAL) && clock.instant().isBefore(it.expires()));
    }

    /// What was opened under a sign-in may outlive its cookie, which an open page can't renew, but not the sign-in.
    boolean mayLast(SignedIn signedIn) {
        return clock.instant().isBefore(signedIn.began().plus(LONGEST));
    }

    private Header write(Account account, String login, Instant began, Instant now, String scheme) {
        Instant expires = earlier(now.plus(LIFE), began.plus(LONGEST));
        SignedIn signedIn =
                new SignedIn(account.user(), login, account.stamp(), began, now, expires, Origin.PORTAL, "");
        Duration left = Duration.between(now, expires);
        return Cookies.set(scheme, Cookies.PORTAL, signer.sign(PURPOSE, signedIn.text()), left);
    }

    static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
