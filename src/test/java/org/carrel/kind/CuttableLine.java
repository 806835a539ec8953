package org.carrel.kind;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A port of loopback that leads to a unix socket, for as long as it isn't cut. Two virtual threads for each
/// connection.
final class CuttableLine implements AutoCloseable {
    private final Path target;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean away;
    private volatile boolean silent;

    CuttableLine(Path target) throws IOException {
        this.target = target;
        this.listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(this::accept);
    }

    int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    /// As the death of what lies between: all connections end, new ones do at once.
    void cut() throws IOException {
        away = true;
        for (SocketChannel channel : open) channel.close();
    }

    void mend() {
        silent = false;
        away = false;
    }

    /// As a network that is gone without a word: nothing ends, nothing passes.
    void silence() {
        silent = true;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                if (away) client.close();
                else join(client);
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void join(SocketChannel client) throws IOException {
        SocketChannel workload = SocketChannel.open(StandardProtocolFamily.UNIX);
        workload.connect(UnixDomainSocketAddress.of(target));
        open.add(client);
        open.add(workload);
        Thread.ofVirtual().start(() -> pump(client, workload));
        Thread.ofVirtual().start(() -> pump(workload, client));
    }

    private void pump(SocketChannel from, SocketChannel to) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        try (from;
                to) {
            while (from.read(bytes) >= 0) {
                bytes.flip();
                while (bytes.hasRemaining() && !silent) to.write(bytes);
                bytes.clear();
            }
        } catch (IOException ended) {
            // both are closed
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    @Override
    public void close() throws IOException {
        cut();
        listener.close();
    }
}
