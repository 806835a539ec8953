package org.carrel.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/// A connection to the app `traffic`, whose content is numbered lines: each byte's place shows.
final class LineTraffic implements AutoCloseable {
    private static final int LINE = 16;
    private static final int AT_ONCE = 4096;

    private final String host;
    private final String token;
    private final Socket socket;
    private final InputStream in;

    LineTraffic(int port, String host, String token) throws IOException {
        this.host = host;
        this.token = token;
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(60_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    void ask(String method, String path, long contentLength, String... headers) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host
                + "\r\nAuthorization: Bearer " + token + "\r\nOrigin: http://" + host + "\r\n");
        for (String header : headers) request.append(header).append("\r\n");
        if (contentLength > 0)
            request.append("Content-Length: ").append(contentLength).append("\r\n");
        write(request.append("\r\n").toString().getBytes(US_ASCII));
    }

    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) throw new EOFException("closed after \"" + head + "\"");
            head.append((char) b);
        }
        return head.toString();
    }

    /// Head and body of an answer that has its length. @return the body
    String answer() throws IOException {
        String head = head();
        int at = head.indexOf("Content-Length: ");
        if (!head.startsWith("HTTP/1.1 200 ") || at < 0) throw new IOException(head);
        return new String(in.readNBytes(Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)))), US_ASCII);
    }

    void readLines(int from, int to) throws IOException {
        for (int at = from; at < to; at += AT_ONCE) {
            byte[] wanted = lines(at, Math.min(to, at + AT_ONCE));
            byte[] read = in.readNBytes(wanted.length);
            int wrong = Arrays.mismatch(wanted, read);
            if (wrong >= 0) throw new AssertionError("other bytes from byte " + (16L * at + wrong) + " on");
        }
    }

    void writeLines(int from, int to) throws IOException {
        for (int at = from; at < to; at += AT_ONCE) write(lines(at, Math.min(to, at + AT_ONCE)));
    }

    /// Lines there and back without a pause. @return how many bytes went, or what went wrong
    Object echo(AtomicBoolean over) {
        int at = 0;
        try {
            for (; !over.get(); at += 10) {
                writeLines(at, at + 10);
                readLines(at, at + 10);
            }
            return (long) LINE * at;
        } catch (IOException | AssertionError wrong) {
            return "at line " + at + ": " + wrong;
        }
    }

    void finishSending() throws IOException {
        socket.shutdownOutput();
    }

    /// What comes until the other side ends, in whatever way.
    String rest() {
        StringBuilder rest = new StringBuilder();
        byte[] some = new byte[1 << 16];
        try {
            for (int count = in.read(some); count >= 0; count = in.read(some))
                rest.append(new String(some, 0, count, US_ASCII));
        } catch (IOException reset) {
            // an end too
        }
        return rest.toString();
    }

    private void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /// as `sprintf "%015d\n"` makes them
    private static byte[] lines(int from, int to) {
        byte[] lines = new byte[LINE * (to - from)];
        Arrays.fill(lines, (byte) '0');
        for (int line = from; line < to; line++) {
            int end = LINE * (line - from) + LINE - 1;
            lines[end] = '\n';
            for (int left = line, at = end - 1; left > 0; left /= 10, at--) lines[at] = (byte) ('0' + left % 10);
        }
        return lines;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
