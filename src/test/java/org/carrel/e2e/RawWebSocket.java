package org.carrel.e2e;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A WebSocket whose every header is the test's choice: `Host` too, which the JDK's client keeps for itself.
final class RawWebSocket implements AutoCloseable {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    final String statusLine;
    private final Socket socket;
    private final DataInputStream in;

    /// Dials 127.0.0.1. Look at `statusLine` before using it.
    RawWebSocket(int port, String host, String path, String... headers) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(30_000);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + host
                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + KEY
                + "\r\n");
        for (String header : headers) head.append(header).append("\r\n");
        socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        List<String> lines = readHead();
        statusLine = lines.isEmpty() ? "(closed)" : lines.getFirst();
    }

    boolean isOpen() {
        return statusLine.contains(" 101 ");
    }

    void sendText(String text) throws IOException {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x81);
        if (payload.length < 126) frame.write(0x80 | payload.length);
        else {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        frame.writeBytes(new byte[4]); // the mask 0 changes nothing and is a legal mask
        frame.writeBytes(payload);
        socket.getOutputStream().write(frame.toByteArray());
    }

    /// @return the first text message that is wanted; empty when none came in 30 s or the other side closed
    Optional<String> await(Predicate<String> wanted) throws IOException {
        try {
            while (true) {
                int first = in.read();
                if (first < 0 || (first & 0x0f) == 0x8) return Optional.empty();
                long length = in.readUnsignedByte() & 0x7f;
                if (length == 126) length = in.readUnsignedShort();
                else if (length == 127)
                    length = ByteBuffer.wrap(in.readNBytes(8)).getLong();
                String text = new String(in.readNBytes((int) length), StandardCharsets.UTF_8);
                if ((first & 0x0f) == 0x1 && wanted.test(text)) return Optional.of(text);
            }
        } catch (SocketTimeoutException silence) {
            return Optional.empty();
        }
    }

    /// Reads until the other side closes, for at most 30 s.
    /// @return the code it gave; 1006 when it closed without one
    int awaitClose() throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) return 1006;
            long length = in.readUnsignedByte() & 0x7f;
            if (length == 126) length = in.readUnsignedShort();
            else if (length == 127) length = ByteBuffer.wrap(in.readNBytes(8)).getLong();
            byte[] payload = in.readNBytes((int) length);
            if ((first & 0x0f) == 0x8) return payload.length < 2 ? 1006 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
    }

    private List<String> readHead() throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                if (line.isEmpty()) return lines;
                lines.add(line.toString());
                line.setLength(0);
            } else if (b != '\r') line.append((char) b);
        }
        return lines;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
