package org.carrel.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/// The cluster's keys and certificates as text. Source: RFC 7468; keys are PKCS #8 ("PRIVATE KEY"), elliptic curves
/// only.
final class Pem {
    private static final String KEY = "PRIVATE KEY";
    private static final String CERTIFICATE = "CERTIFICATE";

    private Pem() {}

    static byte[] of(PrivateKey key) throws IOException {
        return text(KEY, key.getEncoded());
    }

    static byte[] of(X509Certificate certificate) throws IOException {
        try {
            return text(CERTIFICATE, certificate.getEncoded());
        } catch (GeneralSecurityException broken) {
            throw new IOException(broken);
        }
    }

    /// @param file where it was read, for messages
    /// @throws IOException when there is none, it is cut off, or it is something else
    static PrivateKey key(byte[] pem, Path file) throws IOException {
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(part(pem, KEY, file)));
        } catch (GeneralSecurityException | RuntimeException damaged) {
            throw new IOException(file + " holds a private key that can't be read: it is damaged", damaged);
        }
    }

    /// @throws IllegalArgumentException when it is none
    static X509Certificate certificate(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException | RuntimeException damaged) {
            throw new IllegalArgumentException("no certificate", damaged);
        }
    }

    static X509Certificate certificate(byte[] pem, Path file) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(part(pem, CERTIFICATE, file)));
        } catch (GeneralSecurityException | RuntimeException damaged) {
            throw new IOException(file + " holds a certificate that can't be read: it is damaged", damaged);
        }
    }

    /// Whether the two belong together, seen by a signature.
    static boolean matches(PrivateKey key, PublicKey open) {
        try {
            byte[] probe = "probe".getBytes(StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance(
                    switch (open.getAlgorithm()) {
                        case "EC" -> "SHA256withECDSA";
                        case "RSA" -> "SHA256withRSA";
                        default -> open.getAlgorithm(); // Ed25519 names both
                    });
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException | RuntimeException different) {
            return false;
        }
    }

    private static byte[] text(String type, byte[] content) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] part(byte[] pem, String type, Path file) throws IOException {
        try (PemReader reader = new PemReader(new StringReader(new String(pem, StandardCharsets.US_ASCII)))) {
            for (PemObject found = reader.readPemObject(); found != null; found = reader.readPemObject())
                if (found.getType().equals(type)) return found.getContent();
        } catch (IOException | RuntimeException cutOff) {
            throw new IOException(file + " is damaged or cut off (" + cutOff.getMessage() + ")", cutOff);
        }
        throw new IOException(file + " holds no " + type + " in PEM: it is damaged or another file");
    }
}
