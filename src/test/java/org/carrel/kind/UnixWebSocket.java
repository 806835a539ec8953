package org.carrel.kind;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A WebSocket over a unix socket whose every byte is the test's choice.
final class UnixWebSocket implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 30_000;

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16).flip();

    UnixWebSocket(Path socket, String target) throws IOException {
        this(socket);
        write(("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) head.append((char) next());
        if (!head.toString().contains(" 101 ")) throw new IOException(head.toString());
    }

    private UnixWebSocket(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /// @return all of the answer
    static String http(Path socket, String method, String path, String head, String body) throws IOException {
        try (UnixWebSocket connection = new UnixWebSocket(socket)) {
            connection.write((method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                            + body.length() + "\r\n" + head + "\r\n" + body)
                    .getBytes(StandardCharsets.ISO_8859_1));
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            while (true) {
                try {
                    all.write(connection.next());
                } catch (EOFException end) {
                    return all.toString(StandardCharsets.UTF_8);
                }
            }
        }
    }

    /// @param bytes of text, or of anything
    record Message(boolean binary, byte[] bytes) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    void send(String text) throws IOException {
        frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] binary) throws IOException {
        frame(0x82, binary);
    }

    private void frame(int first, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) first);
        if (payload.length < 126) frame.put((byte) (0x80 | payload.length));
        else if (payload.length < 1 << 16) frame.put((byte) 0xfe).putShort((short) payload.length);
        else frame.put((byte) 0xff).putLong(payload.length);
        frame.putInt(0).put(payload).flip(); // the mask 0 changes nothing and is a legal mask
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        write(bytes);
    }

    /// @return the next message
    /// @throws EOFException when the other side has closed
    Message receive() throws IOException {
        int first = next();
        long length = next() & 0x7f;
        if (length > 125) {
            int bytes = length == 126 ? 2 : 8;
            length = 0;
            for (int i = 0; i < bytes; i++) length = length << 8 | next();
        }
        byte[] payload = new byte[Math.toIntExact(length)];
        for (int i = 0; i < payload.length; i++) payload[i] = (byte) next();
        if ((first & 0x0f) == 8) throw new EOFException("closed");
        return new Message((first & 0x0f) == 2, payload);
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (out.hasRemaining()) if (channel.write(out) == 0) Thread.onSpinWait();
    }

    private int next() throws IOException {
        while (!in.hasRemaining()) {
            in.clear();
            int got = channel.read(in);
            in.flip();
            if (got < 0) throw new EOFException("closed");
            if (got == 0 && selector.select(PATIENCE_MILLIS) == 0) throw new SocketTimeoutException("nothing came");
            selector.selectedKeys().clear();
        }
        return in.get() & 0xff;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
