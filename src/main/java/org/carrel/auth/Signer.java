package org.carrel.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs short texts with the node's key, so that they may travel through a browser.
///
///     <key id, 8 hex digits>.<base64url of the text>.<base64url of HMAC-SHA256(purpose NUL key id NUL text)>
///
/// The purpose is part of what is signed: a text signed as one thing is never taken for another.
/// There is one algorithm and no field that could name another.
public final class Signer {
    private static final int KEY_BYTES = 32;
    private static final int MAX_KEYS = 8;
    private static final int MAX_LENGTH = 3000;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

    /// The first signs; all are believed.
    private final Map<String, Mac> keys;

    private final String current;

    private Signer(Map<String, Mac> keys) {
        this.keys = keys;
        this.current = keys.keySet().iterator().next();
    }

    /// Opens the key file, or makes one. Each line is a key: 8 hex digits, a space, 32 bytes in Base64. To
    /// change the
    /// key put a new line on top; take the old one away when what it signed has expired.
    /// @throws IOException when the file can't be read, holds anything else, or others may read it
    public static Signer open(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] key = new byte[KEY_BYTES];
            SecureRandom random = new SecureRandom();
            random.nextBytes(key);
            String id = HexFormat.of().toHexDigits(random.nextInt());
            StateFile.replace(
                    file,
                    (id + " " + Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        Map<String, Mac> keys = new LinkedHashMap<>();
        for (String line : new String(StateFile.read(file), StandardCharsets.US_ASCII)
                .lines()
                .toList()) {
            if (line.isBlank() || line.startsWith("#")) continue;
            String[] parts = line.split(" ", -1);
            try {
                byte[] key = Base64.getDecoder().decode(parts.length == 2 ? parts[1] : "");
                if (key.length != KEY_BYTES || !parts[0].matches("[0-9a-f]{8}") || keys.size() == MAX_KEYS)
                    throw new IllegalArgumentException();
                keys.putIfAbsent(parts[0], mac(key));
            } catch (IllegalArgumentException _) {
                throw new IOException(
                        file + " holds a line that is no key; delete it to make a new one (all sign in anew)");
            }
        }
        if (keys.isEmpty()) throw new IOException(file + " holds no key; delete it to make a new one");
        return new Signer(keys);
    }

    /// Signs with a key that all nodes of a cluster have, and believes what this node alone has signed before.
    /// @param shared 32 bytes
    Signer sharing(byte[] shared) {
        Map<String, Mac> all = new LinkedHashMap<>();
        Mac mac = mac(shared);
        all.put(HexFormat.of().formatHex(mac.doFinal("id".getBytes(StandardCharsets.US_ASCII)), 0, 4), mac);
        keys.forEach(all::putIfAbsent);
        return new Signer(all);
    }

    public String sign(String purpose, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        return current + "." + ENCODER.encodeToString(payload) + "."
                + ENCODER.encodeToString(mac(current, purpose, payload));
    }

    /// @return the text, when it was signed by us for this purpose
    public Optional<String> verify(String purpose, String signed) {
        int first = signed.indexOf('.');
        int second = signed.indexOf('.', first + 1);
        if (first < 0 || second < 0 || signed.length() > MAX_LENGTH) return Optional.empty();
        String id = signed.substring(0, first);
        if (!keys.containsKey(id)) return Optional.empty();
        try {
            byte[] payload = DECODER.decode(signed.substring(first + 1, second));
            byte[] given = DECODER.decode(signed.substring(second + 1));
            if (!MessageDigest.isEqual(given, mac(id, purpose, payload))) return Optional.empty();
            return Optional.of(new String(payload, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // not Base64
        }
    }

    private byte[] mac(String id, String purpose, byte[] payload) {
        try {
            // a copy of a keyed Mac that is never fed itself: no lock, and no key schedule each time
            Mac mac = (Mac) Objects.requireNonNull(keys.get(id)).clone();
            mac.update(purpose.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            mac.update(id.getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) 0);
            return mac.doFinal(payload);
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible); // the JDK's own HmacSHA256 can be copied
        }
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java has HmacSHA256
        }
    }
}
