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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The key of a cluster, as a directory that is copied to each of its nodes. Whoever has it can be any node.
///
///     ca.crt   certificate of the cluster, PEM; its subject's CN is the cluster's name
///     ca.key   its private key, PEM, PKCS #8, P-256
///     secret   32 random bytes in Base64: what all nodes sign for each other with is derived from it
///
/// A machine that joined by a token has no `ca.key`: it is a node itself, and makes nobody else one. Instead it has
///
///     issuers    `host:port` of doors of nodes that can sign, one a line: whom to ask for the next certificate
///     callsigns  instead of `secret`, where it was not invited to be a gateway: what callsigns are made with
///
/// The directory has mode 0700, each file 0600, all of one owner: whoever starts Carrel.
public final class ClusterKey {
    /// purpose of the key by which nodes know each other's announcements
    public static final String CALLSIGNS = "callsigns";

    static final int SECRET_BYTES = 32;
    private static final String SECRET = "secret";
    private static final String ISSUERS = "issuers";
    private static final int ISSUERS_MOST = 64;

    private final ClusterName cluster;
    private final X509Certificate certificate;
    private final Optional<PrivateKey> key;
    private final Optional<byte[]> secret;
    private final Optional<byte[]> callsigns;
    private final List<String> issuers;

    private ClusterKey(
            ClusterName cluster,
            X509Certificate certificate,
            Optional<PrivateKey> key,
            Optional<byte[]> secret,
            Optional<byte[]> callsigns,
            List<String> issuers) {
        this.callsigns = callsigns;
        this.cluster = cluster;
        this.certificate = certificate;
        this.key = key;
        this.secret = secret;
        this.issuers = List.copyOf(issuers);
    }

    /// Makes the directory, complete or not at all.
    /// @throws IOException when there is something already: a key is never written over
    public static void make(Path directory, ClusterName cluster, Instant now) throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS))
            throw new IOException(directory + " is there already and is left as it is; to make a new key for a new"
                    + " cluster move it away first, or use another: --key DIR");
        KeyPair keys = Certificates.newKeys();
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        put(
                directory,
                Map.of(
                        "ca.crt", Pem.of(Certificates.ofCluster(cluster, keys, now)),
                        "ca.key", Pem.of(keys.getPrivate()),
                        "secret", text(secret)));
    }

    /// Makes the directory of a node that joined, complete or not at all.
    /// @param whole   whether the secret is the cluster's, or for callsigns only
    /// @param issuers doors of nodes that can sign
    /// @throws IOException when there is something already
    static void makeJoined(
            Path directory, X509Certificate certificate, byte[] secret, boolean whole, List<String> issuers)
            throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) throw new IOException(directory + " is there already");
        put(
                directory,
                Map.of(
                        "ca.crt",
                        Pem.of(certificate),
                        whole ? SECRET : CALLSIGNS,
                        text(secret),
                        ISSUERS,
                        (String.join("\n", issuers) + "\n").getBytes(StandardCharsets.US_ASCII)));
    }

    private static void put(Path directory, Map<String, byte[]> files) throws IOException {
        Path fresh = directory.resolveSibling("." + directory.getFileName() + ".new");
        discard(fresh);
        SecretFiles.makeDirectory(fresh);
        for (Map.Entry<String, byte[]> file : files.entrySet())
            SecretFiles.replace(fresh.resolve(file.getKey()), file.getValue());
        Files.move(fresh, directory);
    }

    private static byte[] text(byte[] secret) {
        return (Base64.getEncoder().encodeToString(secret) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /// @throws IOException when anything is missing, damaged or open to others; the message says what to do
    public static ClusterKey open(Path directory) throws IOException {
        if (!Files.isDirectory(directory))
            throw new IOException("there is no cluster key " + directory
                    + "; copy the directory from a node of the cluster, or make the first one: carrel init --key "
                    + directory);
        SecretFiles.checkOurs(directory, "-R u=rwX,go=");
        X509Certificate certificate = certificate(directory.resolve("ca.crt"));
        ClusterName cluster = name(certificate, directory.resolve("ca.crt"));
        if (Files.exists(directory.resolve(ISSUERS), LinkOption.NOFOLLOW_LINKS)) {
            boolean part = Files.exists(directory.resolve(CALLSIGNS), LinkOption.NOFOLLOW_LINKS);
            Optional<byte[]> given = Optional.of(secret(directory.resolve(part ? CALLSIGNS : SECRET)));
            return new ClusterKey(
                    cluster,
                    certificate,
                    Optional.empty(),
                    part ? Optional.empty() : given,
                    part ? given : Optional.empty(),
                    issuers(directory.resolve(ISSUERS)));
        }
        byte[] secret = secret(directory.resolve(SECRET));
        PrivateKey key = key(directory.resolve("ca.key"));
        if (!Pem.matches(key, certificate.getPublicKey()))
            throw new IOException(again("the files ca.crt and ca.key of " + directory + " don't belong together"));
        return new ClusterKey(cluster, certificate, Optional.of(key), Optional.of(secret), Optional.empty(), List.of());
    }

    /// Whether this node can make certificates, for itself and others.
    public boolean canSign() {
        return key.isPresent();
    }

    /// doors of nodes that can, `host:port`; empty where this one can itself
    public List<String> issuers() {
        return issuers;
    }

    private static List<String> issuers(Path file) throws IOException {
        List<String> lines = new String(SecretFiles.read(file), StandardCharsets.US_ASCII)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .limit(ISSUERS_MOST)
                .toList();
        for (String line : lines)
            if (!line.matches("[!-~]{1,253}:\\d{1,5}"))
                throw new IOException(file + " is damaged; each of its lines is the host:port of a door");
        return lines;
    }

    public ClusterName cluster() {
        return cluster;
    }

    /// Tells clusters of one name apart; no secret.
    /// @return 16 hex digits
    public String fingerprint() {
        return fingerprintOf(certificate).substring(0, 16);
    }

    /// SHA-256 of a certificate, in hex
    static String fingerprintOf(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // it was read from its encoding
        }
    }

    /// A key that all nodes of the cluster have for one purpose, or all that are or may become gateways.
    /// @return 32 bytes: HMAC-SHA256 of the purpose; empty where this machine was given nothing for it
    public Optional<byte[]> derived(String purpose) {
        if (secret.isEmpty()) return purpose.equals(CALLSIGNS) ? callsigns : Optional.empty();
        return Optional.of(derive(secret.get(), purpose));
    }

    /// @throws IllegalStateException where this machine was given nothing for it
    public byte[] derive(String purpose) {
        return derived(purpose)
                .orElseThrow(() -> new IllegalStateException("this node was given no key for " + purpose));
    }

    private static byte[] derive(byte[] secret, String purpose) {
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

    /// @throws IllegalStateException when it can't sign: see `canSign`
    PrivateKey key() {
        return key.orElseThrow(() -> new IllegalStateException("this node can't sign"));
    }

    /// for a node that joins; as secret as the files
    byte[] secret() {
        return secret.orElseThrow(() -> new IllegalStateException("this node wasn't given the secret"))
                .clone();
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
