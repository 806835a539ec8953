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
import org.carrel.port.HandOverCodes;
import org.carrel.port.SharedProofs;

/// Everything about who is asking, opened together. Files below its directory, all 0600: `key`, `revoked`, `tokens`.
public final class Auth implements AutoCloseable {
    private final Revocations revocations;
    private final Tokens tokens;
    private final SignIn signIn;
    private final SignedIdentities identities;
    private final Csrf csrf;
    private final HandOver handOver;
    private final PortalCookie portal;
    private final Proofs proofs;
    private final Codes codes;

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
        ProofLog log = new ProofLog(clock);
        tokens = Tokens.open(directory.resolve("tokens"), clock, log);
        revocations = Revocations.open(directory.resolve("revoked"), clock, log);
        proofs = new Proofs(log, revocations, tokens, clock);
        codes = new Codes(clock);
        portal = new PortalCookie(signer, clock);
        OriginCookie origins = new OriginCookie(signer, clock);
        signIn = new SignIn(ways, new Throttle(clock), accounts, audit);
        identities = new SignedIdentities(accounts, tokens, portal, origins, revocations);
        csrf = new Csrf(signer, identities);
        handOver = new HandOver(signer, origins);
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

    /// What other nodes of a cluster must hear, and what they told.
    public SharedProofs proofs() {
        return proofs;
    }

    /// For sessions of this node.
    public HandOverCodes codes() {
        return codes;
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

    /// Ends this sign-in everywhere: on the portal and on the origins it was handed over to, at this node at once, at
    /// others as soon as they hear of it.
    public void signOut(RequestHead head) throws IOException {
        Optional<Proven> proven = identities.provenOnPortal(head);
        if (proven.isPresent()) revocations.revoke(proven.get().signedIn().login());
    }

    /// @return a one-use code for the owner of this session, already known to be that
    /// @throws IOException when the session's node doesn't answer
    public Optional<String> promise(HandOverCodes at, RequestHead head, SessionId session, String challenge)
            throws IOException, InterruptedException {
        Optional<Proven> proven = identities.provenOnPortal(head);
        if (proven.isEmpty()) return Optional.empty();
        return handOver.promise(at, proven.get().signedIn(), session, challenge);
    }

    @Override
    public void close() throws IOException {
        revocations.close();
    }
}
