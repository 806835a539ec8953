package org.carrel.kind;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.carrel.domain.session.Endpoint;
import org.carrel.port.SocketOwner;

/// Asks a workload one question over HTTP/1.0: the answer ends with the connection, so there is nothing to parse but
/// the
/// status. For drivers' own small questions, not for users' traffic.
final class SocketHttp {
    static final int MOST_BYTES = 1024 * 1024;

    private SocketHttp() {}

    /// @param body empty unless the status is 200
    record Reply(int status, String body) {}

    /// @param header one whole header line, without its end
    /// @param patience for the whole exchange
    static Reply get(Endpoint endpoint, String path, String header, Duration patience) throws IOException {
        String request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n" + header + "\r\n\r\n";
        String answer = new String(exchange(endpoint, request, patience), StandardCharsets.UTF_8);
        int end = answer.indexOf("\r\n\r\n");
        String[] first = answer.lines().findFirst().orElse("").split(" ");
        if (end < 0 || first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("[1-5][0-9][0-9]"))
            throw new IOException("no HTTP answer from " + endpoint);
        int status = Integer.parseInt(first[1]);
        return new Reply(status, status == 200 ? answer.substring(end + 4) : "");
    }

    private static byte[] exchange(Endpoint endpoint, String request, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        SocketAddress address = switch (endpoint) {
            case Endpoint.Unix unix -> UnixDomainSocketAddress.of(unix.path());
            case Endpoint.Tcp tcp -> new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.port());
        };
        try (SocketChannel channel = SocketChannel.open(address);
                Selector selector = Selector.open()) {
            SocketOwner.check(endpoint, channel);
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
            ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
            while (out.hasRemaining()) if (channel.write(out) == 0) await(selector, deadline);
            key.interestOps(SelectionKey.OP_READ);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            ByteBuffer in = ByteBuffer.allocate(16 * 1024);
            while (true) {
                in.clear();
                int read = channel.read(in);
                if (read < 0) return answer.toByteArray();
                if (read == 0) await(selector, deadline);
                answer.write(in.array(), 0, read);
                if (answer.size() > MOST_BYTES)
                    throw new IOException("an answer of more than " + MOST_BYTES + " bytes");
            }
        }
    }

    private static void await(Selector selector, long deadline) throws IOException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) throw new SocketTimeoutException("no answer in time");
        selector.select(left);
        selector.selectedKeys().clear();
    }
}
