package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/// An array that grows while a head is written into it; reused by one event loop.
public final class Bytes {
    private byte[] array;
    private int length;

    public Bytes(int initial) {
        array = new byte[initial];
    }

    public Bytes clear() {
        length = 0;
        return this;
    }

    public byte[] array() {
        return array;
    }

    public int length() {
        return length;
    }

    public Bytes add(byte[] from) {
        return add(from, 0, from.length);
    }

    public Bytes add(byte[] from, int start, int end) {
        int more = end - start;
        reserve(more);
        System.arraycopy(from, start, array, length, more);
        length += more;
        return this;
    }

    @SuppressWarnings("deprecation") // the one-byte copy is exactly what is wanted: everything here is Latin-1
    public Bytes add(String text) {
        int more = text.length();
        reserve(more);
        text.getBytes(0, more, array, length);
        length += more;
        return this;
    }

    public Bytes add(char c) {
        reserve(1);
        array[length++] = (byte) c;
        return this;
    }

    private void reserve(int more) {
        if (length + more > array.length) array = Arrays.copyOf(array, Math.max(array.length * 2, length + more));
    }

    @Override
    public String toString() {
        return new String(array, 0, length, ISO_8859_1);
    }
}
