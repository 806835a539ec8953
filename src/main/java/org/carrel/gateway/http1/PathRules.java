package org.carrel.gateway.http1;

import static org.carrel.gateway.http1.RefusedException.bad;

/// What a path may hold, looked at once, at the edge, before anything is decided by it. The path itself is passed on as
/// it was sent, never decoded.
public final class PathRules {
    private PathRules() {}

    /// Refuses dot segments in every spelling: plain, percent-encoded once or twice, behind encoded slashes and
    /// backslashes, with path parameters (`..;x`). Refuses broken escapes and an encoded NUL.
    static void check(byte[] bytes, int from, int to) throws RefusedException {
        boolean plain = true;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b == '%') plain = false;
            else if (b == '.' && bytes[i - 1] == '/') checkDots(bytes, i, to);
        }
        if (!plain) checkDecoded(bytes, from, to);
    }

    /// Stricter, for paths that our own code reads: nothing in them may be decoded into a separator.
    public static void checkOurs(String path) throws RefusedException {
        for (int i = path.indexOf('%'); i >= 0; i = path.indexOf('%', i + 1)) {
            String digits = path.substring(i + 1, i + 3).toLowerCase(java.util.Locale.ROOT);
            if (digits.equals("2f") || digits.equals("5c") || digits.equals("25") || digits.equals("00"))
                throw bad("an encoded separator in the path");
        }
        if (path.contains("//")) throw bad("an empty segment in the path");
    }

    private static void checkDots(byte[] bytes, int dot, int to) throws RefusedException {
        int after = dot + 1;
        if (after < to && bytes[after] == '.') after++;
        if (after == to || bytes[after] == '/' || bytes[after] == ';') throw bad("a dot segment in the path");
    }

    private static void checkDecoded(byte[] bytes, int from, int to) throws RefusedException {
        byte[] once = new byte[to - from];
        int length = decode(bytes, from, to, once, true);
        refuseDots(once, length);
        length = decode(once, 0, length, once, false);
        refuseDots(once, length);
    }

    private static void refuseDots(byte[] path, int length) throws RefusedException {
        for (int i = 1; i < length; i++) {
            if (path[i] != '.' || !isSeparator(path[i - 1])) continue;
            int after = i + 1;
            if (after < length && path[after] == '.') after++;
            if (after == length || isSeparator(path[after]) || path[after] == ';')
                throw bad("an encoded dot segment in the path");
        }
    }

    private static boolean isSeparator(byte b) {
        return b == '/' || b == '\\';
    }

    /// @param strict a broken escape or a control byte is refused; else it is left as it is
    private static int decode(byte[] in, int from, int to, byte[] out, boolean strict) throws RefusedException {
        int length = 0;
        for (int i = from; i < to; i++) {
            byte b = in[i];
            if (b == '%') {
                int high = i + 2 < to ? Chars.HEX[in[i + 1] & 0xff] : -1;
                int low = i + 2 < to ? Chars.HEX[in[i + 2] & 0xff] : -1;
                if (high >= 0 && low >= 0) {
                    b = (byte) (high << 4 | low);
                    i += 2;
                    if (strict && (b >= 0 && b < 0x20 || b == 0x7f)) throw bad("an encoded control byte in the path");
                } else if (strict) throw bad("a broken escape in the path");
            }
            out[length++] = b;
        }
        return length;
    }
}
