package org.carrel.kind;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// RStudio's proof of who somebody is: `value|expires|mac`, each percent-encoded, where
/// `mac = base64(HMAC-SHA256(key, value + expires))` over the plain texts. Source: `server_core/http/SecureCookie.cpp`.
final class SecureCookie {
    /// of a key, in bytes
    static final int KEY_LEAST = 32;

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);
    private static final String PLAIN = "~!*()'.-_";
    private static final String HEX = "0123456789ABCDEF";

    private SecureCookie() {}

    /// @param key   the whole content of the key's file, at least `KEY_LEAST` bytes
    /// @param value the account's name
    static String of(byte[] key, String value, Instant expires) {
        String until = DATE.format(expires.atOffset(ZoneOffset.UTC));
        return encoded(value) + "|" + encoded(until) + "|" + encoded(mac(key, value + until));
    }

    private static String mac(byte[] key, String text) {
        if (key.length < KEY_LEAST) throw new IllegalArgumentException("a key has at least " + KEY_LEAST + " bytes");
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has HmacSHA256", missing);
        }
    }

    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length() * 2);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xff;
            if (isPlain(c)) encoded.append((char) c);
            else encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
        }
        return encoded.toString();
    }

    private static boolean isPlain(int c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c < 128 && PLAIN.indexOf(c) >= 0;
    }
}
