package org.carrel.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.carrel.domain.node.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What makes this node one of its cluster: the cluster's key, its own identity and a certificate, which it makes and
/// renews by itself; where it joined by a token and can't sign, it asks others for the next one (`renewBy`). A thread
/// looks once a minute; closing ends it.
///
/// The certificate has the roles this node was opened with. After they have changed it is made anew at once; where
/// another node has to sign it the old one goes on until then, and roles it wasn't invited for are refused.
///
/// Files below the node's directory, all 0600: `id`, `certificate.pem` (key and certificate), `shut-out`.
public final class Trust implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Trust.class);
    private static final Duration LOOK = Duration.ofMinutes(1);
    /// while the certificate has other roles than this node
    private static final Duration LOOK_SOON = Duration.ofSeconds(2);

    private final ClusterKey key;
    private final NodeIdentity identity;
    private final Path directory;
    private final Set<Role> roles;
    private final InstantSource time;
    private final Refusals refusals = new Refusals();
    private final ShutOutList shutOut;
    private final Thread renewer;
    private volatile Credentials credentials;
    private final Optional<Issuer> issuer;
    private volatile Renewal renewal = (_, _) -> {
        throw new IOException("nobody to ask yet");
    };
    private boolean renewalFails;

    /// Gets the next certificate signed by another node.
    @FunctionalInterface
    public interface Renewal {
        /// @param request DER
        /// @param roles   the certificate is to have
        /// @return the certificate, DER
        byte[] renew(byte[] request, Set<Role> roles) throws IOException, InterruptedException;
    }

    private Trust(ClusterKey key, NodeIdentity identity, Path directory, Set<Role> roles, InstantSource time)
            throws IOException {
        this.key = key;
        this.identity = identity;
        this.directory = directory;
        this.roles = Set.copyOf(roles);
        this.time = time;
        Instant now = time.instant();
        this.shutOut = ShutOutList.open(directory, key, time);
        var kept = Credentials.read(directory, key, identity.id());
        if (key.canSign())
            this.credentials = kept.isPresent() && !isDue(kept.get(), now)
                    ? kept.get()
                    : Credentials.make(directory, key, identity.id(), this.roles, now);
        else {
            this.credentials = kept.filter(it -> !it.isOver(now))
                    .orElseThrow(() -> new IOException("this node joined its cluster by a token and has no certificate"
                            + " that holds (for 90 days without a node to renew it, or copied from another machine);"
                            + " move the key directory away, and join anew: carrel invite on a node that has the"
                            + " cluster's key, then carrel join here"));
            if (!credentials.invitedFor().containsAll(this.roles))
                throw new IOException("this node was invited as " + words(credentials.invitedFor())
                        + " and can't become " + words(this.roles) + ": carrel up --roles "
                        + words(credentials.invitedFor()) + " (node.roles), or move the key directory away and join"
                        + " anew, after carrel invite --roles " + words(this.roles));
        }
        this.issuer = key.canSign()
                ? Optional.of(new Issuer(
                        key, new PresentKey(() -> credentials, key.certificate()), identity.id(), shutOut, time))
                : Optional.empty();
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

    /// see `ClusterKey`
    public byte[] derive(String purpose) {
        return key.derive(purpose);
    }

    /// Mutual TLS with peers that have at least one of these roles.
    public Mutual mutual(Set<Role> ofPeer) {
        PeerCheck check = new PeerCheck(key.certificate(), ofPeer, shutOut::isOut, time, refusals);
        return new Mutual(new PresentKey(() -> credentials), check, shutOut);
    }

    /// Which nodes are let in no more.
    public ShutOutList shutOut() {
        return shutOut;
    }

    /// How others become nodes; empty where this node can't sign.
    public Optional<Issuer> issuer() {
        return issuer;
    }

    /// doors to ask for the next certificate besides those that are known otherwise, `host:port`
    public List<String> issuers() {
        return key.issuers();
    }

    /// Whom to ask for the next certificate where this node can't sign; until then nobody is.
    public void renewBy(Renewal by) {
        renewal = by;
    }

    /// What the present certificate lets this node do.
    public Set<Role> roles() {
        return credentials.roles();
    }

    private static String words(Set<Role> roles) {
        return roles.stream().map(Role::word).sorted().collect(Collectors.joining(","));
    }

    private boolean isDue(Credentials present, Instant now) {
        return present.isRenewalDue(now) || !present.roles().equals(roles);
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
        if (!isDue(credentials, now)) return;
        try {
            credentials = key.canSign() ? Credentials.make(directory, key, identity.id(), roles, now) : asked(now);
            renewalFails = false;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException failed) {
            if (!renewalFails)
                log.error(
                        "node certificate not renewed until={} cause=\"{}\" next=\"{}\"",
                        validUntil(),
                        failed.toString(),
                        key.canSign()
                                ? "make room or give " + directory + " to its user"
                                : "start a node that has the cluster's key");
            renewalFails = true;
        }
    }

    /// What comes back is believed no more than a certificate on disk.
    private Credentials asked(Instant now) throws IOException, InterruptedException {
        KeyPair keys = Certificates.newKeys();
        X509Certificate signed = Pem.certificate(renewal.renew(SigningRequest.of(keys), roles));
        Credentials fresh = new Credentials(keys.getPrivate(), signed);
        Optional<String> unfit = fresh.unfit(key.certificate(), identity.id());
        if (unfit.isPresent() || isDue(fresh, now))
            throw new IOException(
                    "the certificate that came is of no use: " + unfit.orElse("it is old already or has other roles"));
        fresh.keep(directory);
        log.info(
                "node certificate renewed by another node roles={} until={}",
                words(fresh.roles()),
                signed.getNotAfter().toInstant());
        return fresh;
    }

    private void renewFromTimeToTime() {
        try {
            while (true) {
                Thread.sleep(credentials.roles().equals(roles) ? LOOK : LOOK_SOON);
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
