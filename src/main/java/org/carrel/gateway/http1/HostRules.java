package org.carrel.gateway.http1;

import static org.carrel.gateway.http1.RefusedException.bad;

/// Shape of a `Host` value: a name of letters, digits, `-` and `.`, or an address, and perhaps a port. No user, no
/// blanks, no escapes.
final class HostRules {
    private static final int NAME_LIMIT = 253;

    private HostRules() {}

    /// @return where the host ends and its port, if any, begins
    static int hostEnd(byte[] bytes, int from, int to) throws RefusedException {
        int at = from < to && bytes[from] == '[' ? bracketed(bytes, from, to) : named(bytes, from, to);
        if (at == from || at - from > NAME_LIMIT) throw bad("a malformed Host");
        if (at < to) port(bytes, at, to);
        return at;
    }

    private static int named(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && isNameByte(bytes[at])) at++;
        return at;
    }

    private static int bracketed(byte[] bytes, int from, int to) throws RefusedException {
        int at = from + 1;
        while (at < to && (Chars.HEX[bytes[at] & 0xff] >= 0 || bytes[at] == ':' || bytes[at] == '.')) at++;
        if (at == to || bytes[at] != ']' || at - from < 3) throw bad("a malformed Host");
        return at + 1;
    }

    private static void port(byte[] bytes, int colon, int to) throws RefusedException {
        if (bytes[colon] != ':' || to - colon < 2 || to - colon > 6) throw bad("a malformed Host");
        int port = 0;
        for (int i = colon + 1; i < to; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') throw bad("a malformed port in Host");
            port = port * 10 + bytes[i] - '0';
        }
        if (port == 0 || port > 65535) throw bad("a malformed port in Host");
    }

    private static boolean isNameByte(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '.';
    }
}
