package org.carrel.domain.session;

import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// Names one session for ever. Opaque, random, and fit for a host name, a path and a file name.
/// @param value 16 of `a-z 2-7`: 80 random bits in base 32
public record SessionId(String value) implements Comparable<SessionId> {
    public static final int LENGTH = 16;
    private static final Pattern SHAPE = Pattern.compile("[a-z2-7]{16}");
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    public SessionId {
        if (!isWellFormed(value)) Require.matching(SHAPE, value, "a session id");
    }

    /// @param random 10 random bytes
    public static SessionId of(byte[] random) {
        Require.require(random.length == 10, "a session id needs 10 random bytes");
        StringBuilder text = new StringBuilder(LENGTH);
        int bits = 0;
        int held = 0;
        for (byte b : random) {
            held = held << 8 | b & 0xff;
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(ALPHABET.charAt(held >> bits & 31));
            }
        }
        return new SessionId(text.toString());
    }

    /// By hand: asked for every request.
    public static boolean isWellFormed(String text) {
        if (text.length() != LENGTH) return false;
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '2' || c > '7')) return false;
        }
        return true;
    }

    @Override
    public int compareTo(SessionId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
