package org.carrel.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.carrel.domain.node.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What makes this node one of its cluster: the cluster's key, its own identity and a certificate, which it makes and
/// renews by itself. A thread looks once a minute; closing ends it.
///
/// Files below the node's directory, all 0600: `id`, `certificate.pem` (key and certificate).
public final class Trust implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Trust.class);
    private static final Duration LOOK = Duration.ofMinutes(1);

    private final ClusterKey key;
    private final NodeIdentity identity;
    private final Path directory;
    private final Set<Role> roles;
    private final InstantSource time;
    private final Refusals refusals = new Refusals();
    private final Thread renewer;
    private volatile Credentials credentials;
    private boolean renewalFails;

    private Trust(ClusterKey key, NodeIdentity identity, Path directory, Set<Role> roles, InstantSource time)
            throws IOException {
        this.key = key;
        this.identity = identity;
        this.directory = directory;
        this.roles = Set.copyOf(roles);
        this.time = time;
        Instant now = time.instant();
        var kept = Credentials.read(directory, key, identity.id(), this.roles);
        this.credentials = kept.isPresent() && !kept.get().isRenewalDue(now)
                ? kept.get()
                : Credentials.make(directory, key, identity.id(), this.roles, now);
        this.renewer = Thread.ofVirtual().name("certificate-renewal").unstarted(this::renewFromTimeToTime);
    }

    /// @param keyDirectory  the cluster's, see `ClusterKey`
    /// @param nodeDirectory this node's own, made when missing; what lies in it belongs to whoever runs this
    /// @param roles         of this node, at least one
    /// @throws IOException when the key is missing, damaged or open to others; the message says what to do
    public static Trust open(Path keyDirectory, Path nodeDirectory, Set<Role> roles, InstantSource time)
            throws IOException {
        return open(ClusterKey.open(keyDirectory), NodeIdentity.open(nodeDirectory), nodeDirectory, roles, time);
    }

    /// For whoever could read the cluster's key only as root, and is it no more.
    public static Trust open(
            ClusterKey key, NodeIdentity identity, Path nodeDirectory, Set<Role> roles, InstantSource time)
            throws IOException {
        if (roles.isEmpty()) throw new IllegalArgumentException("a node needs a role");
        Trust trust = new Trust(key, identity, nodeDirectory, roles, time);
        trust.renewer.start();
        return trust;
    }

    public NodeId node() {
        return identity.id();
    }

    public ClusterName cluster() {
        return key.cluster();
    }

    /// see `ClusterKey`
    public String fingerprint() {
        return key.fingerprint();
    }

    /// A key that all nodes of the cluster have, for one purpose; 32 bytes.
    public byte[] derive(String purpose) {
        return key.derive(purpose);
    }

    /// Mutual TLS with peers that have at least one of these roles.
    public Mutual mutual(Set<Role> ofPeer) {
        PeerCheck check = new PeerCheck(key.certificate(), ofPeer, time, refusals);
        return new Mutual(new PresentKey(() -> credentials), check);
    }

    public Refusals refusals() {
        return refusals;
    }

    /// until when the present certificate holds, for a gauge
    public Instant validUntil() {
        return credentials.certificate().getNotAfter().toInstant();
    }

    X509Certificate certificate() {
        return credentials.certificate();
    }

    /// When it fails the old certificate goes on as long as it holds, and the next look tries again.
    void renewIfDue() {
        Instant now = time.instant();
        if (!credentials.isRenewalDue(now)) return;
        try {
            credentials = Credentials.make(directory, key, identity.id(), roles, now);
            renewalFails = false;
        } catch (IOException | RuntimeException failed) {
            if (!renewalFails)
                log.error(
                        "node certificate not renewed until={} cause=\"{}\" next=\"make room or give {} to its user\"",
                        validUntil(),
                        failed.toString(),
                        directory);
            renewalFails = true;
        }
    }

    private void renewFromTimeToTime() {
        try {
            while (true) {
                Thread.sleep(LOOK);
                renewIfDue();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        renewer.interrupt();
    }
}
