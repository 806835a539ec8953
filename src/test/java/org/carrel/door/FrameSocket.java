package org.carrel.door;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/// A socket whose bytes travel in a WebSocket's frames, cut as the test wants: bytes written are fragmented into frames
/// of a few bytes. What is written raw goes as it is.
final class FrameSocket extends Socket {
    private final int fragment;
    private final InputStream frames = new Frames();
    private final OutputStream fragments = new Fragments();
    final String statusLine;
    private int left;

    /// @param fragment bytes in one frame
    /// @param headers  more of them, each with its end of line
    FrameSocket(int port, String headers, int fragment) throws IOException {
        super(InetAddress.getLoopbackAddress(), port);
        this.fragment = fragment;
        setSoTimeout(20_000);
        super.getOutputStream()
                .write(("GET " + WebDoor.PATH + " HTTP/1.1\r\nHost: localhost:" + port
                                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + headers + "\r\n")
                        .getBytes(ISO_8859_1));
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = super.getInputStream().read();
            if (next < 0) break;
            head.write(next);
        }
        statusLine = head.toString(ISO_8859_1).lines().findFirst().orElse("(closed)");
    }

    static FrameSocket open(int port, int fragment) throws IOException {
        return new FrameSocket(
                port,
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Protocol: carrel-door\r\n",
                fragment);
    }

    void raw(int... bytes) throws IOException {
        byte[] all = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) all[i] = (byte) bytes[i];
        super.getOutputStream().write(all);
    }

    /// @return the next byte as it is; -1 at the end, or when the connection was reset
    int rawRead() {
        try {
            return super.getInputStream().read();
        } catch (IOException reset) {
            return -1;
        }
    }

    @Override
    public InputStream getInputStream() {
        return frames;
    }

    @Override
    public OutputStream getOutputStream() {
        return fragments;
    }

    private DataInputStream wire() throws IOException {
        return new DataInputStream(super.getInputStream());
    }

    private OutputStream out() throws IOException {
        return super.getOutputStream();
    }

    private final class Frames extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            while (left == 0) {
                int first = wire().read();
                if (first < 0 || (first & 0x0f) == 8) return -1;
                int size = wire().read() & 0x7f;
                left = size < 126 ? size : size == 126 ? wire().readUnsignedShort() : (int) wire().readLong();
            }
            int got = wire().read(into, from, Math.min(length, left));
            if (got > 0) left -= got;
            return got;
        }
    }

    private final class Fragments extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int at = 0; at < length; at += fragment) {
                int size = Math.min(fragment, length - at);
                boolean last = at + size == length;
                all.write((last ? 0x80 : 0) | (at == 0 ? 2 : 0));
                all.write(0x80 | size); // masked by zeros, which changes nothing
                all.writeBytes(new byte[4]);
                all.write(bytes, from + at, size);
            }
            out().write(all.toByteArray());
        }
    }
}
