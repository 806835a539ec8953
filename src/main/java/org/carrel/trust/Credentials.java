package org.carrel.trust;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node's private key and certificate. Kept in one file, so that they always belong together.
/// @param self what the certificate says; read once, since the roles are asked for every second
record Credentials(PrivateKey key, X509Certificate certificate, Optional<Peer> self) {
    private static final Logger log = LoggerFactory.getLogger(Credentials.class);
    private static final String FILE = "certificate.pem";

    Credentials(PrivateKey key, X509Certificate certificate) {
        this(key, certificate, Peer.of(certificate));
    }

    /// @return those on disk; empty when there are none, or none that are fit for this node and cluster
    static Optional<Credentials> read(Path directory, ClusterKey cluster, NodeId node) {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) return Optional.empty();
        try {
            byte[] pem = SecretFiles.read(file);
            Credentials found = new Credentials(Pem.key(pem, file), Pem.certificate(pem, file));
            Optional<String> unfit = found.unfit(cluster.certificate(), node);
            unfit.ifPresent(why -> log.info("node certificate not kept why=\"{}\"", why));
            return unfit.isPresent() ? Optional.empty() : Optional.of(found);
        } catch (IOException damaged) {
            // nothing hangs on it where it can be made anew from the cluster's key
            log.warn("node certificate damaged cause=\"{}\"", damaged.getMessage());
            return Optional.empty();
        }
    }

    static Credentials make(Path directory, ClusterKey cluster, NodeId node, Set<Role> roles, Instant now)
            throws IOException {
        KeyPair keys = Certificates.newKeys();
        Credentials fresh =
                new Credentials(keys.getPrivate(), Certificates.ofNode(cluster, node, roles, keys.getPublic(), now));
        fresh.keep(directory);
        log.info(
                "node certificate made node_id={} roles={} until={}",
                node,
                roles.stream().map(Role::word).sorted().toList(),
                fresh.certificate.getNotAfter().toInstant());
        return fresh;
    }

    void keep(Path directory) throws IOException {
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        pem.write(Pem.of(key));
        pem.write(Pem.of(certificate));
        SecretFiles.replace(directory.resolve(FILE), pem.toByteArray());
    }

    boolean isOver(Instant now) {
        return !now.isBefore(certificate.getNotAfter().toInstant());
    }

    /// At two thirds of its life; also when the clock was wrong when it was made, or is now.
    boolean isRenewalDue(Instant now) {
        Instant from = certificate.getNotBefore().toInstant();
        Duration life = Duration.between(from, certificate.getNotAfter().toInstant());
        return now.isBefore(from)
                || !now.isBefore(from.plus(life.multipliedBy(2).dividedBy(3)));
    }

    Set<Role> roles() {
        return self.map(Peer::roles).orElse(Set.of());
    }

    /// what the next one may have
    Set<Role> invitedFor() {
        return self.map(Peer::invitedFor).orElse(Set.of());
    }

    /// Why it is not this node's certificate.
    Optional<String> unfit(X509Certificate cluster, NodeId node) {
        try {
            certificate.verify(cluster.getPublicKey());
        } catch (GeneralSecurityException foreign) {
            return Optional.of("it is of another cluster key");
        }
        if (self.isEmpty() || !self.get().node().equals(node)) return Optional.of("it is of another node");
        if (self.get().roles().isEmpty()) return Optional.of("it has no role");
        return Pem.matches(key, certificate.getPublicKey()) ? Optional.empty() : Optional.of("its key is another");
    }
}
