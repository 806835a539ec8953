package org.carrel.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.carrel.domain.node.NodeId;

/// Makes the certificates of a cluster. Source: RFC 5280.
///
///     cluster   CN=<cluster>, may sign only certificates of nodes (path length 0), 20 years
///     node      CN=<node id>,O=<cluster>, server and client, 90 days
///               alternative names: urn:carrel:node:<node id>, urn:carrel:role:<role> for each role, and of a node
///               that can't sign urn:carrel:invited:<role> for each role its next one may have
///
/// Valid from a day before, since the clocks of small machines are wrong until a time server has been asked.
final class Certificates {
    static final String NODE_NAME = "urn:carrel:node:";
    static final String ROLE_NAME = "urn:carrel:role:";
    static final String INVITED_NAME = "urn:carrel:invited:";
    static final Duration NODE_LIFE = Duration.ofDays(90);
    private static final Duration CLUSTER_LIFE = Duration.ofDays(20 * 365);
    private static final Duration BEFORE = Duration.ofDays(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private Certificates() {}

    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java has P-256
        }
    }

    static X509Certificate ofCluster(ClusterName cluster, KeyPair keys, Instant now) throws IOException {
        X500Principal name = new X500Principal("CN=" + cluster);
        var builder = new JcaX509v3CertificateBuilder(
                name, serial(), at(now.minus(BEFORE)), at(now.plus(CLUSTER_LIFE)), name, keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        return signed(builder, keys.getPrivate());
    }

    /// Of a node that signs for itself.
    static X509Certificate ofNode(ClusterKey by, NodeId node, Set<Role> roles, PublicKey key, Instant now)
            throws IOException {
        return ofNode(by, node, roles, key, now.minus(BEFORE), now.plus(NODE_LIFE));
    }

    /// Of a node that can't sign.
    static X509Certificate ofInvited(ClusterKey by, Peer invited, PublicKey key, Instant now) throws IOException {
        GeneralNames names = names(invited.node(), invited.roles(), invited.invitedFor());
        return ofNode(by, invited.node(), names, key, now.minus(BEFORE), now.plus(NODE_LIFE));
    }

    static X509Certificate ofNode(
            ClusterKey by, NodeId node, Set<Role> roles, PublicKey key, Instant notBefore, Instant notAfter)
            throws IOException {
        return ofNode(by, node, names(node, roles, Set.of()), key, notBefore, notAfter);
    }

    private static X509Certificate ofNode(
            ClusterKey by, NodeId node, GeneralNames names, PublicKey key, Instant notBefore, Instant notAfter)
            throws IOException {
        var builder = new JcaX509v3CertificateBuilder(
                by.certificate().getSubjectX500Principal(),
                serial(),
                at(notBefore),
                at(notAfter),
                new X500Principal("CN=" + node + ",O=" + by.cluster()),
                key);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
            KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
        }));
        builder.addExtension(Extension.subjectAlternativeName, false, names);
        return signed(builder, by.key());
    }

    private static GeneralNames names(NodeId node, Set<Role> roles, Set<Role> invitedFor) {
        List<GeneralName> names = new ArrayList<>();
        names.add(new GeneralName(GeneralName.uniformResourceIdentifier, NODE_NAME + node));
        for (Role role : roles)
            names.add(new GeneralName(GeneralName.uniformResourceIdentifier, ROLE_NAME + role.word()));
        for (Role role : invitedFor)
            names.add(new GeneralName(GeneralName.uniformResourceIdentifier, INVITED_NAME + role.word()));
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key) throws IOException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        } catch (GeneralSecurityException | OperatorCreationException broken) {
            throw new IOException("can't sign a certificate: " + broken.getMessage(), broken);
        }
    }

    private static BigInteger serial() {
        return new BigInteger(120, RANDOM).add(BigInteger.ONE);
    }

    private static Date at(Instant instant) {
        return Date.from(instant);
    }
}
