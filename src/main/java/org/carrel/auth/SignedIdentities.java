package org.carrel.auth;

import java.util.List;
import java.util.Optional;
import org.carrel.auth.Cookies.Found;
import org.carrel.domain.route.Origin;
import org.carrel.domain.user.Principal;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestHead;
import org.carrel.port.Identities;
import org.carrel.port.Standing;

/// Proves who sent a request: a bearer token of ours, else the cookie of the place that was addressed. A MAC
/// and a few
/// map look-ups in memory; users are looked up each time, so that a removed one is out at once.
///
/// Passwords are not checked here, that takes too long for an event loop: see `SignIn`.
public final class SignedIdentities implements Identities {
    private static final Identity NOBODY = new Identity.Nobody();
    private static final String BEARER = "Bearer ";

    private final Accounts accounts;
    private final Tokens tokens;
    private final PortalCookie portal;
    private final OriginCookie origins;
    private final Revocations revocations;

    SignedIdentities(
            Accounts accounts, Tokens tokens, PortalCookie portal, OriginCookie origins, Revocations revocations) {
        this.accounts = accounts;
        this.tokens = tokens;
        this.portal = portal;
        this.origins = origins;
        this.revocations = revocations;
    }

    @Override
    public Identity identify(RequestHead head, Origin origin) {
        List<String> authorization = head.headers("Authorization");
        if (!authorization.isEmpty()) {
            Optional<String> bearer = authorization.stream()
                    .filter(it -> it.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                    .map(it -> it.substring(BEARER.length()).strip())
                    .filter(it -> it.startsWith(Tokens.PREFIX))
                    .findFirst();
            if (bearer.isPresent())
                return authorization.size() > 1
                        ? new Identity.Refused(400, "two Authorization headers")
                        : byToken(bearer.get());
            // others than ours are between the browser and the workload
        }
        return byCookie(head, origin);
    }

    @Override
    public long version() {
        return revocations.version() + tokens.version() + accounts.version();
    }

    /// @return what the portal's cookie says, and whose it is; empty when there is none that holds
    Optional<Proven> provenOnPortal(RequestHead head) {
        return Cookies.find(head, Cookies.PORTAL).one().flatMap(portal::read).flatMap(this::proven);
    }

    record Proven(SignedIn signedIn, Account account) {}

    private Identity byToken(String token) {
        return tokens.find(token)
                .flatMap(holder -> accounts.find(holder.user()).<Identity>map(account -> byToken(holder, account)))
                .orElseGet(() -> new Identity.Refused(401, "the token is unknown, revoked or expired"));
    }

    private Identity byToken(Tokens.Holder holder, Account account) {
        Principal principal = account.principal(holder.scopes());
        return new Identity.Known(principal, Proof.TOKEN, ofToken(holder.digest(), principal));
    }

    private Identity byCookie(RequestHead head, Origin origin) {
        Found found = Cookies.find(head, origin.equals(Origin.PORTAL) ? Cookies.PORTAL : Cookies.SESSION);
        return switch (found) {
            case Found.None() -> NOBODY;
            case Found.Several() ->
                new Identity.Refused(400, "two cookies of one name; close the browser or clear them");
            case Found.One(var value) ->
                (origin.equals(Origin.PORTAL) ? portal.read(value) : origins.read(value, origin, head))
                        .flatMap(this::proven)
                        .<Identity>map(this::byCookie)
                        .orElseGet(() -> new Identity.Refused(401, "signed out, or signed in too long ago"));
        };
    }

    private Identity byCookie(Proven proven) {
        SignedIn signedIn = proven.signedIn();
        Principal principal = proven.account().principal();
        return new Identity.Known(principal, Proof.COOKIE, ofLogin(signedIn, principal));
    }

    private Standing ofToken(String digest, Principal principal) {
        return Standing.of("token " + digest, digest, () -> tokens.isHeld(digest) && stillMay(principal));
    }

    private Standing ofLogin(SignedIn signedIn, Principal principal) {
        return Standing.of(
                "login " + signedIn.login(),
                signedIn.text(),
                () -> proven(signedIn).isPresent() && portal.mayLast(signedIn) && stillMay(principal));
    }

    @Override
    public Optional<Identity.Known> again(Proof proof, String claim, Principal then) {
        Optional<Standing> standing = switch (proof) {
            case TOKEN -> Optional.of(ofToken(claim, then));
            case COOKIE ->
                SignedIn.parse(claim)
                        .filter(signedIn -> signedIn.user().equals(then.user()))
                        .map(signedIn -> ofLogin(signedIn, then));
            default -> Optional.empty();
        };
        return standing.filter(Standing::holds).map(holding -> new Identity.Known(then, proof, holding));
    }

    /// The user is there and may do all that was allowed then.
    private boolean stillMay(Principal then) {
        return accounts.find(then.user())
                .filter(account -> account.principal().scopes().containsAll(then.scopes()))
                .isPresent();
    }

    private Optional<Proven> proven(SignedIn signedIn) {
        if (revocations.isRevoked(signedIn.login(), signedIn.issued())) return Optional.empty();
        return accounts.find(signedIn.user())
                .filter(account -> account.stamp().equals(signedIn.stamp()))
                .map(account -> new Proven(signedIn, account));
    }
}
