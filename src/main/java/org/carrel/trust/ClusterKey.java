package org.carrel.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The key of a cluster, as a directory that is copied to each of its nodes. Whoever has it can be any node.
///
///     ca.crt   certificate of the cluster, PEM; its subject's CN is the cluster's name
///     ca.key   its private key, PEM, PKCS #8, P-256
///     secret   32 random bytes in Base64: what all nodes sign for each other with is derived from it
///
/// The directory has mode 0700, each file 0600, all of one owner: whoever starts Carrel.
public final class ClusterKey {
    private static final int SECRET_BYTES = 32;

    private final ClusterName cluster;
    private final X509Certificate certificate;
    private final PrivateKey key;
    private final byte[] secret;

    private ClusterKey(ClusterName cluster, X509Certificate certificate, PrivateKey key, byte[] secret) {
        this.cluster = cluster;
        this.certificate = certificate;
        this.key = key;
        this.secret = secret;
    }

    /// Makes the directory, complete or not at all.
    /// @throws IOException when there is something already: a key is never written over
    public static void make(Path directory, ClusterName cluster, Instant now) throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS))
            throw new IOException(directory + " is there already and is left as it is; to make a new key for a new"
                    + " cluster move it away first, or use another: --key DIR");
        Path fresh = directory.resolveSibling("." + directory.getFileName() + ".new");
        discard(fresh);
        SecretFiles.makeDirectory(fresh);
        KeyPair keys = Certificates.newKeys();
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        SecretFiles.replace(fresh.resolve("ca.crt"), Pem.of(Certificates.ofCluster(cluster, keys, now)));
        SecretFiles.replace(fresh.resolve("ca.key"), Pem.of(keys.getPrivate()));
        SecretFiles.replace(
                fresh.resolve("secret"),
                (Base64.getEncoder().encodeToString(secret) + "\n").getBytes(StandardCharsets.US_ASCII));
        Files.move(fresh, directory);
    }

    /// @throws IOException when anything is missing, damaged or open to others; the message says what to do
    public static ClusterKey open(Path directory) throws IOException {
        if (!Files.isDirectory(directory))
            throw new IOException("there is no cluster key " + directory
                    + "; copy the directory from a node of the cluster, or make the first one: carrel init --key "
                    + directory);
        SecretFiles.checkOurs(directory, "-R u=rwX,go=");
        X509Certificate certificate = certificate(directory.resolve("ca.crt"));
        PrivateKey key = key(directory.resolve("ca.key"));
        if (!Pem.matches(key, certificate.getPublicKey()))
            throw new IOException(again("the files ca.crt and ca.key of " + directory + " don't belong together"));
        return new ClusterKey(
                name(certificate, directory.resolve("ca.crt")), certificate, key, secret(directory.resolve("secret")));
    }

    public ClusterName cluster() {
        return cluster;
    }

    /// Tells clusters of one name apart; no secret.
    /// @return 16 hex digits
    public String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // it was read from its encoding
        }
    }

    /// A key that all nodes of the cluster have, for one purpose.
    /// @return 32 bytes: HMAC-SHA256 of the purpose
    public byte[] derive(String purpose) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java has HmacSHA256
        }
    }

    X509Certificate certificate() {
        return certificate;
    }

    PrivateKey key() {
        return key;
    }

    private static void discard(Path halfMade) throws IOException {
        if (!Files.isDirectory(halfMade, LinkOption.NOFOLLOW_LINKS)) return;
        try (var files = Files.newDirectoryStream(halfMade)) {
            for (Path file : files) Files.delete(file);
        }
        Files.delete(halfMade);
    }

    private static X509Certificate certificate(Path file) throws IOException {
        try {
            return Pem.certificate(SecretFiles.read(file), file);
        } catch (IOException damaged) {
            throw new IOException(again(String.valueOf(damaged.getMessage())), damaged);
        }
    }

    private static PrivateKey key(Path file) throws IOException {
        try {
            return Pem.key(SecretFiles.read(file), file);
        } catch (IOException damaged) {
            throw new IOException(again(String.valueOf(damaged.getMessage())), damaged);
        }
    }

    private static byte[] secret(Path file) throws IOException {
        try {
            byte[] secret =
                    Base64.getDecoder().decode(new String(SecretFiles.read(file), StandardCharsets.US_ASCII).strip());
            if (secret.length != SECRET_BYTES) throw new IllegalArgumentException("its length is " + secret.length);
            return secret;
        } catch (IllegalArgumentException damaged) {
            throw new IOException(again(file + " is damaged (" + damaged.getMessage() + ")"), damaged);
        } catch (IOException unread) {
            throw new IOException(again(String.valueOf(unread.getMessage())), unread);
        }
    }

    private static ClusterName name(X509Certificate certificate, Path file) throws IOException {
        String subject = certificate.getSubjectX500Principal().getName();
        try {
            if (certificate.getBasicConstraints() < 0 || !subject.startsWith("CN="))
                throw new IllegalArgumentException("its subject is " + subject);
            return new ClusterName(subject.substring("CN=".length()));
        } catch (IllegalArgumentException other) {
            throw new IOException(
                    again(file + " is not the certificate of a cluster (" + other.getMessage() + ")"), other);
        }
    }

    private static String again(String what) {
        return what
                + (what.contains("chmod") || what.contains("chown")
                        ? ""
                        : "; copy the whole key directory anew" + " from a node that runs, nothing else is lost");
    }
}
