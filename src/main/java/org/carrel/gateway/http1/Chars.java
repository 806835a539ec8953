package org.carrel.gateway.http1;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Which bytes may stand where. Source: RFC 9110 5.5 and 5.6.2, RFC 9112 3.2.
final class Chars {
    /// For a byte of a field name: the byte it is compared by (lower case, `_` as `-`); 0 when it can't stand there.
    static final byte[] NAME = new byte[256];

    /// bytes of a field value
    static final boolean[] VALUE = new boolean[256];

    /// Bytes of a request target. Narrower than what servers bear: no `\`, `#`, quotes of markup or bytes above 0x7e.
    static final boolean[] TARGET = new boolean[256];

    /// value of a hexadecimal digit, else -1
    static final byte[] HEX = new byte[256];

    static {
        for (char c : "!#$%&'*+-.^`|~".toCharArray()) NAME[c] = (byte) c;
        for (int c = '0'; c <= '9'; c++) NAME[c] = (byte) c;
        for (int c = 'a'; c <= 'z'; c++) NAME[c] = (byte) c;
        for (int c = 'A'; c <= 'Z'; c++) NAME[c] = (byte) (c | 0x20);
        NAME['_'] = '-';
        for (int c = 0x20; c < 256; c++) VALUE[c] = c != 0x7f;
        VALUE['\t'] = true;
        for (int c = 0x21; c < 0x7f; c++) TARGET[c] = c != '\\' && c != '#' && c != '<' && c != '>' && c != '"';
        java.util.Arrays.fill(HEX, (byte) -1);
        for (int i = 0; i < 10; i++) HEX['0' + i] = (byte) i;
        for (int i = 0; i < 6; i++) {
            HEX['a' + i] = (byte) (10 + i);
            HEX['A' + i] = (byte) (10 + i);
        }
    }

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EACH = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Chars() {}

    /// @return where the run of bytes that may stand in a field value ends; there is a byte that may not
    static int valueEnd(byte[] bytes, int from) {
        int at = from;
        while (at + 8 <= bytes.length && isPlain((long) EIGHT.get(bytes, at))) at += 8;
        while (VALUE[bytes[at] & 0xff]) at++;
        return at;
    }

    /// Whether none of eight bytes is a control byte; sometimes wrongly no. Source: "Determine if a word has a byte
    /// less
    /// than n", Bit Twiddling Hacks.
    private static boolean isPlain(long eight) {
        long belowBlank = eight - EACH * 0x20 & ~eight;
        long notDelete = eight ^ EACH * 0x7f;
        long delete = notDelete - EACH & ~notDelete;
        return ((belowBlank | delete) & HIGH_BITS) == 0;
    }

    /// @param wanted lower case
    static boolean same(byte[] bytes, int from, int to, String wanted) {
        if (to - from != wanted.length()) return false;
        for (int i = 0; i < wanted.length(); i++) {
            int c = bytes[from + i];
            if (c >= 'A' && c <= 'Z') c |= 0x20;
            if (c != wanted.charAt(i)) return false;
        }
        return true;
    }

    static boolean exactly(byte[] bytes, int from, int to, String wanted) {
        if (to - from != wanted.length()) return false;
        for (int i = 0; i < wanted.length(); i++) if (bytes[from + i] != wanted.charAt(i)) return false;
        return true;
    }
}
