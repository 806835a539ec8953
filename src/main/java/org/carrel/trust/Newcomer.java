package org.carrel.trust;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.carrel.domain.node.NodeId;

/// A machine on its way to become a node by a token. Whoever it talks to must show a node's certificate of the cluster
/// whose fingerprint the token carries: nobody is trusted because he answered first.
public final class Newcomer {
    private final JoinToken token;
    private final NodeIdentity identity;
    private final Path nodeDirectory;
    private final InstantSource time;
    private final KeyPair keys = Certificates.newKeys();
    private volatile Set<Role> roles = Set.of();

    /// @param nodeDirectory this node's own, made when missing
    public Newcomer(JoinToken token, Path nodeDirectory, InstantSource time) throws IOException {
        this.token = token;
        this.identity = NodeIdentity.open(nodeDirectory);
        this.nodeDirectory = nodeDirectory;
        this.time = time;
    }

    public NodeId node() {
        return identity.id();
    }

    /// what it was invited for; none before it has settled
    public Set<Role> roles() {
        return roles;
    }

    public JoinToken token() {
        return token;
    }

    /// @return DER; the private key never leaves this machine
    public byte[] request() throws IOException {
        return SigningRequest.of(keys);
    }

    /// TLS 1.3 towards a node of the token's cluster.
    public SSLContext tls() {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(new KeyManager[0], new TrustManager[] {new ByFingerprint()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java since 11 has TLS 1.3
        }
    }

    /// Checks what came, and writes this node's certificate and then the key directory.
    /// @param certificate DER
    /// @param cluster     DER
    /// @param secret      of the cluster, or a part of it where this can't become a gateway
    /// @param issuers     doors to ask for the next certificate
    /// @return name of the cluster
    /// @throws IOException when it is of no use, or the directory is there already; nothing is written then
    public ClusterName settle(
            byte[] certificate, byte[] cluster, byte[] secret, List<String> issuers, Path keyDirectory)
            throws IOException {
        X509Certificate authority;
        Credentials mine;
        try {
            authority = Pem.certificate(cluster);
            mine = new Credentials(keys.getPrivate(), Pem.certificate(certificate));
        } catch (IllegalArgumentException nonsense) {
            throw new IOException("what came is no certificate", nonsense);
        }
        if (!ClusterKey.fingerprintOf(authority).equals(token.fingerprint()))
            throw new IOException("what came is of another cluster than the token");
        Optional<String> unfit = mine.unfit(authority, identity.id());
        if (unfit.isPresent()) throw new IOException("the certificate that came is of no use: " + unfit.get());
        if (secret.length != ClusterKey.SECRET_BYTES) throw new IOException("what came lacks the cluster's secret");
        mine.keep(nodeDirectory);
        boolean whole = mine.invitedFor().contains(Role.GATEWAY);
        ClusterKey.makeJoined(keyDirectory, authority, secret, whole, issuers);
        roles = mine.roles();
        return ClusterKey.open(keyDirectory).cluster();
    }

    private final class ByFingerprint extends X509ExtendedTrustManager {
        private void check(X509Certificate[] chain, String how) throws CertificateException {
            if (chain.length != 2 || !ClusterKey.fingerprintOf(chain[1]).equals(token.fingerprint()))
                throw new CertificateException("whoever answers there isn't of the token's cluster");
            new PeerCheck(chain[1], Role.ALL, _ -> false, time, new Refusals())
                    .checkServerTrusted(new X509Certificate[] {chain[0]}, how);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String how) throws CertificateException {
            check(chain, how);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String how, Socket socket) throws CertificateException {
            check(chain, how);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String how, SSLEngine engine)
                throws CertificateException {
            check(chain, how);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String how) throws CertificateException {
            throw new CertificateException("nobody calls a newcomer");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String how, Socket socket) throws CertificateException {
            throw new CertificateException("nobody calls a newcomer");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String how, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("nobody calls a newcomer");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
