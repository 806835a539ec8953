package org.carrel.main;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A plain stand-in for a browser in the training run. It knows the bytes it needs and no more: another HTTP client
/// would only put its own classes into the cache.
final class Visitor {
    private static final int REQUESTS = 400;
    private static final int SILENCE_MILLIS = 5_000;
    private static final int MOST_OF_A_PAGE = 4 << 20;
    private static final byte[] SAY_HELLO = {(byte) 0x81, (byte) 0x85, 0, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'};
    private static final byte[] GOODBYE = {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0};

    private final int port;
    private final String token;

    Visitor(int port, String token) {
        this.port = port;
        this.token = token;
    }

    /// One page of the portal, whatever its status.
    void page(String path) throws IOException {
        try (Socket socket = dial()) {
            send(socket, "GET " + path, "localhost", "Connection: close\r\nAccept: text/html\r\n");
            socket.getInputStream().readNBytes(MOST_OF_A_PAGE);
        }
    }

    /// The session's page, many requests on one connection, and an echo over a WebSocket.
    void session(String id) throws IOException {
        String host = id + ".localhost";
        try (Socket socket = dial()) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int i = 0; i < REQUESTS; i++) {
                send(socket, "GET /who", host, "Accept-Encoding: gzip\r\n");
                in.skipNBytes(contentLength(head(in)));
            }
            send(socket, "GET /", host, "Accept: text/html\r\nConnection: close\r\n");
            in.readNBytes(MOST_OF_A_PAGE);
        }
        try (Socket socket = dial()) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            send(
                    socket,
                    "GET /echo",
                    host,
                    "Origin: http://" + host + ":" + port + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
            String head = head(in);
            if (!head.startsWith("HTTP/1.1 101 "))
                throw new IOException("no WebSocket: " + head.lines().findFirst());
            OutputStream out = socket.getOutputStream();
            for (int i = 0; i < REQUESTS; i++) {
                out.write(SAY_HELLO);
                in.skipNBytes(SAY_HELLO.length - 4); // answers carry no mask
            }
            out.write(GOODBYE);
        }
    }

    private Socket dial() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(SILENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private void send(Socket socket, String what, String host, String more) throws IOException {
        String head = what + " HTTP/1.1\r\nHost: " + host + ":" + port + "\r\nAuthorization: Bearer " + token + "\r\n"
                + more + "\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int ends = 0; ends < 4; ) {
            int b = in.read();
            if (b < 0 || head.size() > 64 * 1024) throw new EOFException("an answer without a whole head");
            head.write(b);
            ends = b == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static int contentLength(String head) throws IOException {
        for (String line : head.split("\r\n"))
            if (line.regionMatches(true, 0, "content-length:", 0, 15))
                return Integer.parseInt(line.substring(15).trim());
        throw new IOException("an answer without a length: " + head);
    }
}
