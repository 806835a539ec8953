package org.carrel.trust;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.carrel.domain.node.NodeId;
import org.carrel.trust.Refusals.Cause;

/// Takes a peer for what its certificate says when this cluster signed it, it is valid today, it has one of the roles
/// wanted, and it isn't shut out. Names and addresses play no part: a node may have any.
final class PeerCheck extends X509ExtendedTrustManager {
    private final X509Certificate cluster;
    private final Set<Role> wanted;
    private final InstantSource time;
    private final Refusals refusals;
    private final Predicate<NodeId> isOut;

    /// @param wanted the peer must have at least one of them
    PeerCheck(
            X509Certificate cluster, Set<Role> wanted, Predicate<NodeId> isOut, InstantSource time, Refusals refusals) {
        this.isOut = isOut;
        this.cluster = cluster;
        this.wanted = Set.copyOf(wanted);
        this.time = time;
        this.refusals = refusals;
    }

    /// Asks again after a handshake: a resumed one shows no certificate to the checks below.
    Optional<Peer> peer(SSLSession session) {
        try {
            return session.getPeerCertificates() instanceof X509Certificate[] chain
                    ? Optional.of(check(chain))
                    : fromAny(session.getPeerCertificates());
        } catch (SSLPeerUnverifiedException nobody) {
            refusals.add(Cause.NONE, "");
            return Optional.empty();
        } catch (CertificateException refused) {
            return Optional.empty();
        }
    }

    private Optional<Peer> fromAny(java.security.cert.Certificate[] chain) throws CertificateException {
        return chain.length > 0 && chain[0] instanceof X509Certificate first
                ? Optional.of(check(new X509Certificate[] {first}))
                : Optional.empty();
    }

    private Peer check(X509Certificate[] chain) throws CertificateException {
        if (chain.length == 0) throw refuse(Cause.NONE, "");
        X509Certificate shown = chain[0];
        String who = shown.getSubjectX500Principal().getName();
        try {
            shown.verify(cluster.getPublicKey());
        } catch (GeneralSecurityException foreign) {
            throw refuse(Cause.FOREIGN, who);
        }
        Instant now = time.instant();
        if (now.isBefore(shown.getNotBefore().toInstant())) throw refuse(Cause.EARLY, who);
        if (!now.isBefore(shown.getNotAfter().toInstant())) throw refuse(Cause.EXPIRED, who);
        if (!isSound(shown, now)) throw refuse(Cause.SHAPE, who);
        Peer peer = Peer.of(shown).orElseThrow(() -> refuse(Cause.SHAPE, who));
        if (isOut.test(peer.node())) throw refuse(Cause.SHUT_OUT, who);
        if (!peer.hasAny(wanted)) throw refuse(Cause.ROLE, who);
        return peer;
    }

    /// What the library looks at: the chain, critical extensions, constraints, key usage. Source: RFC 5280, 6.1.
    private boolean isSound(X509Certificate shown, Instant now) {
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(cluster, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(shown));
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
            return shown.getBasicConstraints() < 0;
        } catch (GeneralSecurityException unsound) {
            return false;
        }
    }

    private CertificateException refuse(Cause cause, String who) {
        refusals.add(cause, who);
        return new CertificateException(cause.sentence());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String how) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String how) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String how, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String how, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String how, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String how, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[] {cluster};
    }
}
