package org.carrel.trust;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.carrel.domain.node.NodeId;

/// Makes nodes of this cluster, where its private key is: newcomers by a token that is used once, and those who are
/// nodes already by their present certificate. Any thread.
public final class Issuer {
    private final ClusterKey key;
    private final SSLContext toNewcomers;
    private final NodeId self;
    private final ShutOutList shutOut;
    private final InstantSource time;
    private final Invitations invitations;

    Issuer(ClusterKey key, PresentKey shown, NodeId self, ShutOutList shutOut, InstantSource time) {
        this.shutOut = shutOut;
        this.key = key;
        this.toNewcomers = Engines.context(shown);
        this.self = self;
        this.time = time;
        this.invitations = new Invitations(ClusterKey.fingerprintOf(key.certificate()), time);
    }

    public Invitations invitations() {
        return invitations;
    }

    /// For a newcomer, who has nothing to show and sees this node's certificate and the cluster's, whose fingerprint
    /// stands in the token.
    /// @param spoken the protocol (ALPN) in which tokens are presented
    public SSLEngine engine(String spoken) {
        return Engines.prepared(toNewcomers.createSSLEngine(), false, false, List.of(spoken));
    }

    /// What becomes of somebody with a token.
    public sealed interface Admitted {
        /// @param certificate of the new node, DER
        /// @param cluster     certificate of the cluster, DER
        /// @param secret      of the cluster, by which gateways sign for each other; a machine that can't
        ///                    become one gets what callsigns are made with, and nothing else
        record Welcome(byte[] certificate, byte[] cluster, byte[] secret) implements Admitted {}

        record Refused(Invitations.Answer why) implements Admitted {}
    }

    /// The token is used up by it, also when the answer is lost on the way: then another is needed.
    /// @param node    as the newcomer wants to be called
    /// @param isAlive whether a node of that id is there at the moment
    /// @param request DER
    /// @throws IllegalArgumentException when the request makes no sense; the token still holds
    public Admitted admit(String id, String secret, NodeId node, Predicate<NodeId> isAlive, byte[] request)
            throws IOException {
        PublicKey newcomer = SigningRequest.read(request);
        if (node.equals(self) || isAlive.test(node))
            throw new IllegalArgumentException("that is the id of a node of this cluster");
        if (shutOut.isOut(node))
            throw new IllegalArgumentException("that machine was shut out; first: carrel forget " + node + " --undo");
        Invitations.Answer answer = invitations.redeem(id, secret);
        if (answer != Invitations.Answer.GOOD) return new Admitted.Refused(answer);
        Peer invited = new Peer(node, invitations.roles(id));
        return new Admitted.Welcome(
                der(Certificates.ofInvited(key, invited, newcomer, time.instant())),
                der(key.certificate()),
                invited.roles().contains(Role.GATEWAY) ? key.secret() : key.derive(ClusterKey.CALLSIGNS));
    }

    /// Another certificate for who is a node, with the same name.
    /// @param peer    as its present certificate proves
    /// @param roles   of the new one, at least one and none it wasn't invited for
    /// @param request DER
    /// @return DER
    /// @throws IllegalArgumentException when the request makes no sense or wants too much
    public byte[] renew(Peer peer, Set<Role> roles, byte[] request) throws IOException {
        if (shutOut.isOut(peer.node())) throw new IllegalArgumentException("that node was shut out");
        if (roles.isEmpty() || !peer.invitedFor().containsAll(roles))
            throw new IllegalArgumentException("that node wasn't invited for these roles");
        Peer next = new Peer(peer.node(), roles, peer.invitedFor());
        return der(Certificates.ofInvited(key, next, SigningRequest.read(request), time.instant()));
    }

    private static byte[] der(X509Certificate certificate) throws IOException {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException broken) {
            throw new IOException(broken);
        }
    }
}
