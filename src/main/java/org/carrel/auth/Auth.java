package org.carrel.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.carrel.auth.SignedIdentities.Proven;
import org.carrel.domain.session.SessionId;
import org.carrel.http.Header;
import org.carrel.http.RequestHead;
import org.carrel.port.Audit;

/// Everything about who is asking, opened together. Files below its directory, all 0600: `key`, `revoked`, `tokens`.
public final class Auth implements AutoCloseable {
    private final Revocations revocations;
    private final Tokens tokens;
    private final SignIn signIn;
    private final SignedIdentities identities;
    private final Csrf csrf;
    private final HandOver handOver;
    private final PortalCookie portal;

    private Auth(
            Path directory,
            Optional<byte[]> shared,
            Accounts accounts,
            List<Authenticator> ways,
            InstantSource clock,
            Audit audit)
            throws IOException {
        Signer own = Signer.open(directory.resolve("key"));
        Signer signer = shared.map(own::sharing).orElse(own);
        tokens = Tokens.open(directory.resolve("tokens"), clock);
        revocations = Revocations.open(directory.resolve("revoked"), clock);
        portal = new PortalCookie(signer, clock);
        OriginCookie origins = new OriginCookie(signer, clock);
        signIn = new SignIn(ways, new Throttle(clock), accounts, audit);
        identities = new SignedIdentities(accounts, tokens, portal, origins, revocations);
        csrf = new Csrf(signer, identities);
        handOver = new HandOver(clock, origins);
    }

    /// @param directory of this node's own, made when missing
    /// @param accounts  of all ways together
    /// @param ways      asked in this order
    /// @param audit     hears of every attempt to sign in
    /// @throws IOException when a file can't be read or written; the message says what to do
    public static Auth open(
            Path directory, Accounts accounts, List<Authenticator> ways, InstantSource clock, Audit audit)
            throws IOException {
        return open(directory, Optional.empty(), accounts, ways, clock, audit);
    }

    /// @param shared 32 bytes that all nodes of a cluster have: who signed in at one is signed in at all
    public static Auth open(
            Path directory,
            Optional<byte[]> shared,
            Accounts accounts,
            List<Authenticator> ways,
            InstantSource clock,
            Audit audit)
            throws IOException {
        if (!Files.isDirectory(directory))
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new Auth(directory, shared, accounts, ways, clock, audit);
    }

    public SignedIdentities identities() {
        return identities;
    }

    public SignIn signIn() {
        return signIn;
    }

    public Tokens tokens() {
        return tokens;
    }

    public Csrf csrf() {
        return csrf;
    }

    public HandOver handOver() {
        return handOver;
    }

    /// the cookie of a new sign-in
    public Header welcome(Account account, RequestHead head) {
        return portal.begin(account, head.scheme());
    }

    /// @return the next portal cookie, when the one that came is past half its life
    public Optional<Header> renewed(RequestHead head) {
        return identities
                .provenOnPortal(head)
                .flatMap(it -> portal.renewed(it.signedIn(), it.account(), head.scheme()));
    }

    /// Ends this sign-in everywhere, at once: on the portal and on the origins it was handed over to.
    public void signOut(RequestHead head) throws IOException {
        Optional<Proven> proven = identities.provenOnPortal(head);
        if (proven.isPresent()) revocations.revoke(proven.get().signedIn().login());
    }

    /// @return a one-use code for the owner of this session, already known to be that
    public Optional<String> promise(RequestHead head, SessionId session, String challenge) {
        return identities.provenOnPortal(head).flatMap(it -> handOver.promise(it.signedIn(), session, challenge));
    }

    @Override
    public void close() throws IOException {
        revocations.close();
    }
}
