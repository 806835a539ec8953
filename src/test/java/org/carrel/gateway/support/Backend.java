package org.carrel.gateway.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.carrel.domain.session.Endpoint;

/// A workload that remembers every byte it saw and answers as the test wants.
public final class Backend implements AutoCloseable {
    /// Answers one request on its connection.
    @FunctionalInterface
    public interface Script {
        /// @return whether to wait for another request on this connection
        boolean answer(Seen request, InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    /// @param connection counts from 1
    /// @param head       with its empty line
    public record Seen(int connection, String head, byte[] body) {
        public String line() {
            return head.substring(0, head.indexOf("\r\n"));
        }

        public Optional<String> header(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst();
        }

        public String bodyText() {
            return new String(body, ISO_8859_1);
        }
    }

    private final ServerSocket listener;
    private final Script script;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final List<Closeable> others = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
    private final AtomicInteger connections = new AtomicInteger();
    private boolean eager = true;

    public Backend(Script script) {
        this.script = script;
        try {
            listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /// Answers 200 with the head it got as the body.
    public static Backend echo() {
        return answering(request -> "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
                + request.head().length() + "\r\n\r\n" + request.head());
    }

    public static Backend answering(java.util.function.Function<Seen, String> answer) {
        return new Backend((request, in, out) -> {
            out.write(answer.apply(request).getBytes(ISO_8859_1));
            return true;
        });
    }

    /// The same workload on a unix socket.
    public Endpoint alsoOn(java.nio.file.Path socket) throws IOException {
        ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        unix.bind(UnixDomainSocketAddress.of(socket), 1024);
        others.add(unix);
        Thread.ofVirtual().start(() -> accept(unix));
        return new Endpoint.Unix(socket.toString());
    }

    private void accept(ServerSocketChannel unix) {
        try {
            while (true) {
                SocketChannel channel = unix.accept();
                others.add(channel);
                int number = connections.incrementAndGet();
                InputStream in = Channels.newInputStream(channel);
                OutputStream out = Channels.newOutputStream(channel);
                Thread.ofVirtual().start(() -> serve(channel, in, out, number));
            }
        } catch (IOException closed) {
            // the end
        }
    }

    /// The script reads bodies itself.
    public Backend leavingBodies() {
        eager = false;
        return this;
    }

    public Endpoint endpoint() {
        return new Endpoint.Tcp(listener.getLocalPort());
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public Seen last() {
        return seen.getLast();
    }

    /// Everything that ever arrived, in order of arrival.
    public String rawBytes() {
        synchronized (raw) {
            return raw.toString(ISO_8859_1);
        }
    }

    public int connections() {
        return connections.get();
    }

    public long openConnections() {
        return open.stream().filter(socket -> !socket.isClosed()).count();
    }

    /// Closes the connections as they are, like a workload whose keep-alive ran out.
    public void dropConnections() throws IOException {
        for (Socket socket : open) socket.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                int number = connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket, number));
            }
        } catch (IOException closed) {
            // the end
        }
    }

    private void serve(Socket socket, int number) {
        try {
            serve(socket, socket.getInputStream(), socket.getOutputStream(), number);
        } catch (IOException gone) {
            // the other side went
        } finally {
            open.remove(socket);
        }
    }

    private void serve(Closeable connection, InputStream bytes, OutputStream out, int number) {
        try (connection) {
            InputStream in = new Recorded(bytes);
            boolean more = true;
            while (more) {
                String head = head(in);
                if (head.isEmpty()) return;
                byte[] body = eager ? body(head, in) : new byte[0];
                Seen request = new Seen(number, head, body);
                seen.add(request);
                more = script.answer(request, in, out);
                out.flush();
            }
        } catch (IOException gone) {
            // the other side went
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    public static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) return "";
            head.append((char) b);
        }
        return head.toString();
    }

    private static byte[] body(String head, InputStream in) throws IOException {
        String lower = head.toLowerCase(Locale.ROOT);
        if (lower.contains("\r\ntransfer-encoding: chunked")) return chunks(in);
        int at = lower.indexOf("\r\ncontent-length: ");
        if (at < 0) return new byte[0];
        String length = lower.substring(at + 18, lower.indexOf("\r\n", at + 2));
        return in.readNBytes(Integer.parseInt(length.strip()));
    }

    public static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            String line = line(in);
            int size = Integer.parseInt(line.split(";")[0], 16);
            if (size == 0) {
                while (!line(in).isEmpty()) {}
                return all.toByteArray();
            }
            all.write(in.readNBytes(size));
            line(in);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int b = in.read();
            if (b < 0) throw new SocketException("ended in the middle of a line");
            if (b == '\n') return line.toString().strip();
            line.append((char) b);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Closeable other : others) other.close();
        dropConnections();
    }

    private final class Recorded extends InputStream {
        private final InputStream from;

        Recorded(InputStream from) {
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            int b = from.read();
            synchronized (raw) {
                if (b >= 0 && raw.size() < 1 << 20) raw.write(b);
            }
            return b;
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            int count = from.read(into, at, length);
            synchronized (raw) {
                if (count > 0 && raw.size() < 1 << 20) raw.write(into, at, count);
            }
            return count;
        }
    }
}
