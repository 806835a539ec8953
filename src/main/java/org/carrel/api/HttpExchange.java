package org.carrel.api;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// One HTTP/1.1 request and its answer over a connection of its own; blocking.
///
/// Not java.net.http: a command line lives for a moment. In a cold JVM (serial GC, C1, median of 7) one call costs that
/// client 560 ms of CPU and this one 140 ms; and it can't speak over a unix socket. Source: RFC 9112.
final class HttpExchange implements Closeable {
    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_HEADERS = 100;
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final Closeable connection;
    private final InputStream in;
    private int status;
    private final Map<String, String> headers = new HashMap<>();
    private InputStream body = InputStream.nullInputStream();

    private HttpExchange(Closeable connection, InputStream in) {
        this.connection = connection;
        this.in = new BufferedInputStream(in, 16 * 1024);
    }

    /// @param target  path and query
    /// @param fields  header lines, without line ends
    /// @param silence longest wait for the next byte
    static HttpExchange send(
            ServerAddress to, String method, String target, List<String> fields, byte[] content, Duration silence)
            throws IOException {
        HttpExchange exchange = switch (to) {
            case ServerAddress.Web web -> over(web, silence, head(to, method, target, fields, content), content);
            case ServerAddress.Local local -> over(local, head(to, method, target, fields, content), content);
        };
        try {
            exchange.readHead();
            return exchange;
        } catch (IOException | RuntimeException broken) {
            exchange.close();
            throw broken;
        }
    }

    int status() {
        return status;
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }

    InputStream body() {
        return body;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private static byte[] head(ServerAddress to, String method, String target, List<String> fields, byte[] content) {
        StringBuilder head = new StringBuilder(256);
        head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(to.authority()).append("\r\nConnection: close\r\n");
        for (String field : fields) {
            if (field.indexOf('\r') >= 0 || field.indexOf('\n') >= 0)
                throw new IllegalArgumentException("a header may not hold a line end");
            head.append(field).append("\r\n");
        }
        if (content.length > 0) head.append("Content-Type: application/json\r\n");
        if (content.length > 0 || method.equals("POST"))
            head.append("Content-Length: ").append(content.length).append("\r\n");
        return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static HttpExchange over(ServerAddress.Web web, Duration silence, byte[] head, byte[] content)
            throws IOException {
        Socket socket = new Socket();
        try {
            String host = web.host().replace("[", "").replace("]", "");
            socket.connect(new InetSocketAddress(host, web.port()), (int) CONNECT.toMillis());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) silence.toMillis());
            if (web.tls()) socket = encrypted(socket, host, web.port());
            write(socket.getOutputStream(), head, content);
            return new HttpExchange(socket, socket.getInputStream());
        } catch (IOException | RuntimeException broken) {
            socket.close();
            throw broken;
        }
    }

    private static Socket encrypted(Socket plain, String host, int port) throws IOException {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket socket = (SSLSocket) factory.createSocket(plain, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // sockets don't compare the name by themselves
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static HttpExchange over(ServerAddress.Local local, byte[] head, byte[] content) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(local.socket()));
            write(Channels.newOutputStream(channel), head, content);
            return new HttpExchange(channel, Channels.newInputStream(channel));
        } catch (IOException | RuntimeException broken) {
            channel.close();
            throw broken;
        }
    }

    private static void write(OutputStream out, byte[] head, byte[] content) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + content.length);
        whole.write(head);
        whole.write(content);
        whole.writeTo(out);
        out.flush();
    }

    private void readHead() throws IOException {
        do {
            headers.clear();
            String[] parts = line().split(" ", 3);
            if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("[1-5][0-9][0-9]"))
                throw new IOException("what answered doesn't speak HTTP");
            status = Integer.parseInt(parts[1]);
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                if (colon <= 0 || headers.size() >= MAX_HEADERS) throw new IOException("a malformed answer");
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).trim());
            }
        } while (status < 200);
        body = status == 204 || status == 304 ? InputStream.nullInputStream() : framed();
    }

    private InputStream framed() throws IOException {
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) return new ChunkedBody(in, MAX_LINE);
        String length = headers.get("content-length");
        if (length == null) return in; // until the server closes
        if (!length.matches("[0-9]{1,15}")) throw new IOException("a malformed answer");
        return new FixedBody(in, Long.parseLong(length));
    }

    private String line() throws IOException {
        return line(in, MAX_LINE);
    }

    /// @return one line without its end
    static String line(InputStream in, int most) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) throw new EOFException("the server closed the connection before it had answered");
            if (line.size() >= most) throw new IOException("a line of the answer is too long");
            line.write(b);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /// A body of known length; ends early with an error, never silently.
    private static final class FixedBody extends InputStream {
        private final InputStream in;
        private long left;

        FixedBody(InputStream in, long length) {
            this.in = in;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) return 0;
            if (left == 0) return -1;
            int count = in.read(into, offset, (int) Math.min(length, left));
            if (count < 0) throw new EOFException("the answer broke off");
            left -= count;
            return count;
        }
    }
}
