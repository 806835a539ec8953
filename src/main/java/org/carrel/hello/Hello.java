package org.carrel.hello;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/// The built-in app: one small web server that needs no R. It shows who its user is and where it runs, echoes over a
/// WebSocket, and
/// keeps a counter that lives in this process, so that a lost process shows.
///
/// Runs as a process of its own, like every session. One virtual thread per connection, at most `MAX_CONNECTIONS`.
public final class Hello {
    static final int MAX_CONNECTIONS = 256;

    private final ServerSocketChannel listener;
    private final AtomicLong counter = new AtomicLong();
    private final Semaphore room = new Semaphore(MAX_CONNECTIONS);

    private Hello(ServerSocketChannel listener) {
        this.listener = listener;
    }

    public static void main(String[] args) throws IOException {
        System.exit(run(args));
    }

    /// @param args `--socket PATH` or `--port PORT`
    /// @return exit status
    static int run(String[] args) throws IOException {
        if (args.length != 2 || !(args[0].equals("--socket") || args[0].equals("--port"))) {
            System.err.println("usage: carrel hello --socket PATH | --port PORT");
            return 2;
        }
        Hello hello = args[0].equals("--socket") ? onSocket(Path.of(args[1])) : onPort(Integer.parseInt(args[1]));
        System.out.println("hello listens on " + args[1]);
        hello.serve();
        return 0;
    }

    static Hello onSocket(Path socket) throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        return new Hello(listener);
    }

    static Hello onPort(int port) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new Hello(listener);
    }

    int port() throws IOException {
        return listener.getLocalAddress() instanceof InetSocketAddress tcp ? tcp.getPort() : 0;
    }

    void serve() throws IOException {
        try (listener) {
            while (true) {
                room.acquireUninterruptibly();
                SocketChannel client = listener.accept();
                Thread.ofVirtual().start(() -> {
                    try (client) {
                        new HelloConnection(client, counter, page()).run();
                    } catch (IOException gone) {
                        // the browser went away: nobody is left to be told
                    } finally {
                        room.release();
                    }
                });
            }
        } catch (ClosedChannelException closed) {
            // close() ends it
        }
    }

    void close() throws IOException {
        listener.close();
    }

    private static byte[] page() throws IOException {
        try (InputStream in = Hello.class.getResourceAsStream("/hello/index.html")) {
            if (in == null) throw new IOException("hello/index.html is missing from the program");
            return in.readAllBytes();
        }
    }
}
