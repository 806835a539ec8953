package org.carrel.api;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// Reads a body in chunks: `<hex length>[;extensions]\r\n<bytes>\r\n` … `0\r\n<trailers>\r\n`. Source: RFC 9112, 7.1.
final class ChunkedBody extends InputStream {
    private final InputStream in;
    private final int maxLine;
    private long left;
    private boolean begun;
    private boolean done;

    ChunkedBody(InputStream in, int maxLine) {
        this.in = in;
        this.maxLine = maxLine;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) return 0;
        if (left == 0) nextChunk();
        if (done) return -1;
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) throw new EOFException("the answer broke off");
        left -= count;
        return count;
    }

    private void nextChunk() throws IOException {
        if (done) return;
        if (begun && !HttpExchange.line(in, maxLine).isEmpty()) throw new IOException("a malformed chunk");
        begun = true;
        String line = HttpExchange.line(in, maxLine);
        int semicolon = line.indexOf(';');
        String size = (semicolon < 0 ? line : line.substring(0, semicolon)).trim();
        if (!size.matches("[0-9a-fA-F]{1,12}")) throw new IOException("a malformed chunk");
        left = Long.parseLong(size, 16);
        if (left > 0) return;
        done = true;
        int trailers = 0;
        while (!HttpExchange.line(in, maxLine).isEmpty())
            if (++trailers > 100) throw new IOException("too many trailers");
    }
}
