package org.carrel.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.carrel.domain.session.Endpoint;
import org.carrel.http.Header;
import org.carrel.port.SocketOwner;

/// Tells whether a workload answers: the smallest HTTP/1.1 client, of one request and one status line, or a listener
/// for a greeting; then it hangs up. Blocks; interrupting its thread closes the connection and ends it.
final class Prober {
    private static final int STATUS_LINE_MOST = 512;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9][0-9])( .*)?");

    private Prober() {}

    /// @param path   begins with `/`; from a kind's plan, never from a request
    /// @param inject headers to send
    /// @return the status it answered with
    /// @throws IOException with what went wrong: nobody listens, another user does, hung up, not HTTP
    static int ask(String method, Endpoint endpoint, String path, List<Header> inject) throws IOException {
        try (SocketChannel channel = connect(endpoint)) {
            ByteBuffer request = ByteBuffer.wrap(request(method, path, inject).getBytes(StandardCharsets.ISO_8859_1));
            while (request.hasRemaining()) channel.write(request);
            String line = statusLine(channel);
            Matcher matcher = STATUS_LINE.matcher(line);
            if (!matcher.matches()) throw new IOException("it does not speak HTTP");
            return Integer.parseInt(matcher.group(1));
        }
    }

    /// @param bytes to wait for
    /// @return what it said without being asked
    /// @throws IOException with what went wrong: nobody listens, another user does, hung up
    static String greeting(Endpoint endpoint, int bytes) throws IOException {
        try (SocketChannel channel = connect(endpoint)) {
            ByteBuffer said = ByteBuffer.allocate(bytes);
            while (said.hasRemaining())
                if (channel.read(said) < 0) throw new IOException("it hung up before it had greeted");
            return new String(said.array(), StandardCharsets.ISO_8859_1);
        }
    }

    private static SocketChannel connect(Endpoint endpoint) throws IOException {
        SocketChannel channel = SocketChannel.open(
                switch (endpoint) {
                    case Endpoint.Unix(var socket) -> UnixDomainSocketAddress.of(socket);
                    case Endpoint.Tcp(var port) -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                });
        try {
            // what is injected proves the session's owner: it must not reach anybody else
            SocketOwner.check(endpoint, channel);
            return channel;
        } catch (IOException | RuntimeException stranger) {
            channel.close();
            throw stranger;
        }
    }

    private static String request(String method, String path, List<Header> inject) {
        StringBuilder text = new StringBuilder(256);
        text.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        text.append("Host: localhost\r\nUser-Agent: carrel\r\nAccept: */*\r\nConnection: close\r\n");
        if (!method.equals("GET")) text.append("Content-Length: 0\r\n");
        for (Header header : inject)
            text.append(header.name()).append(": ").append(header.value()).append("\r\n");
        return text.append("\r\n").toString();
    }

    private static String statusLine(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(STATUS_LINE_MOST);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) throw new IOException("it hung up before it answered");
            int end = indexOfCr(bytes);
            if (end >= 0) return new String(bytes.array(), 0, end, StandardCharsets.ISO_8859_1);
        }
        throw new IOException("it does not speak HTTP");
    }

    private static int indexOfCr(ByteBuffer bytes) {
        for (int i = 0; i < bytes.position(); i++) if (bytes.get(i) == '\r') return i;
        return -1;
    }
}
