package org.carrel.trust;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/// A public key that asks to be signed, with the proof that whoever asks has the private one. Nothing else in it
/// counts:
/// whose certificate it becomes, with which roles, is decided by the one who signs. Source: RFC 2986.
final class SigningRequest {
    /// one of P-256 takes about 200 bytes
    private static final int BYTES_MOST = 1024;

    private static final int FIELD_BITS = 256;

    private SigningRequest() {}

    /// @return DER
    static byte[] of(KeyPair keys) throws IOException {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=node"), keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException broken) {
            throw new IOException("can't ask for a certificate: " + broken.getMessage(), broken);
        }
    }

    /// @throws IllegalArgumentException when it is no request, of no P-256 key, or not signed by it
    static PublicKey read(byte[] der) {
        if (der.length > BYTES_MOST) throw new IllegalArgumentException("a signing request is shorter");
        try {
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
            PublicKey key = request.getPublicKey();
            if (!(key instanceof ECPublicKey curve)
                    || curve.getParams().getCurve().getField().getFieldSize() != FIELD_BITS)
                throw new IllegalArgumentException("the key of a node is one of P-256");
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key)))
                throw new IllegalArgumentException("the signing request isn't signed by its key");
            return key;
        } catch (IOException | GeneralSecurityException | OperatorCreationException | PKCSException senseless) {
            throw new IllegalArgumentException("no signing request", senseless);
        }
    }
}
