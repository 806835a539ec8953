package org.carrel.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What proves to browsers who we are: a certificate with those above it, and its private key; known to fit together.
/// @param chain the server's own certificate first
public record ServerKey(PrivateKey key, List<X509Certificate> chain) {
    /// a chain of ten with long keys is a fifth of it
    private static final long FILE_MOST = 256 << 10;

    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    public ServerKey {
        chain = List.copyOf(chain);
    }

    /// Why a pair of files can't be used: a sentence that names the file and the next step.
    public static final class UnusableException extends IOException {
        private final Path file;
        private final String why;

        UnusableException(Path file, String why) {
            super(file + " " + why);
            this.file = file;
            this.why = why;
        }

        public Path file() {
            return file;
        }

        /// without the file
        public String why() {
            return why;
        }
    }

    /// @param certificate PEM, the server's own first, then those above it
    /// @param key         PEM, PKCS #8, without a password; RSA, EC or Ed25519
    public static ServerKey read(Path certificate, Path key) throws UnusableException {
        List<X509Certificate> chain = chain(certificate);
        PublicKey proved = chain.getFirst().getPublicKey();
        PrivateKey secret = secret(key, proved.getAlgorithm());
        if (!Pem.matches(secret, proved))
            throw new UnusableException(key, "is not the key of the certificate in " + certificate);
        return new ServerKey(secret, chain);
    }

    /// the first moment at which browsers refuse it
    public Instant ends() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    private static List<X509Certificate> chain(Path file) throws UnusableException {
        bytes(file); // for its words on what is wrong with the file
        try (InputStream in = Files.newInputStream(file)) {
            List<X509Certificate> chain = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (!chain.isEmpty()) return chain;
        } catch (CertificateException | IOException broken) {
            throw new UnusableException(file, "holds no certificate that can be read: " + broken.getMessage());
        }
        throw new UnusableException(file, "holds no certificate; it should begin with -----BEGIN CERTIFICATE-----");
    }

    private static PrivateKey secret(Path file, String algorithm) throws UnusableException {
        String text = new String(bytes(file), StandardCharsets.ISO_8859_1);
        Matcher found = PEM_KEY.matcher(text);
        if (!found.find()) throw new UnusableException(file, otherKey(text, file));
        try {
            byte[] der = Base64.getMimeDecoder().decode(found.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException broken) {
            throw new UnusableException(file, "holds no " + algorithm + " key, which its certificate is for");
        }
    }

    private static String otherKey(String text, Path file) {
        if (text.contains("BEGIN ENCRYPTED PRIVATE KEY"))
            return "is locked with a password; take it off with: openssl pkcs8 -in " + file + " -out NEW";
        if (text.contains("BEGIN RSA PRIVATE KEY") || text.contains("BEGIN EC PRIVATE KEY"))
            return "is in an older form; turn it into PKCS #8 with: openssl pkcs8 -topk8 -nocrypt -in " + file
                    + " -out NEW";
        return "holds no private key; it should begin with -----BEGIN PRIVATE KEY-----";
    }

    private static byte[] bytes(Path file) throws UnusableException {
        try {
            if (Files.size(file) > FILE_MOST) throw new UnusableException(file, "is too large for a PEM file");
            return Files.readAllBytes(file);
        } catch (UnusableException told) {
            throw told;
        } catch (NoSuchFileException none) {
            throw new UnusableException(file, "is not there");
        } catch (AccessDeniedException denied) {
            throw new UnusableException(
                    file,
                    "may not be read by the user Carrel runs as; let its group read it: chgrp carrel FILE && chmod 640"
                            + " FILE");
        } catch (IOException broken) {
            throw new UnusableException(file, "can't be read: " + broken.getMessage());
        }
    }
}
