package org.carrel.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.carrel.api.ClaimInfo;
import org.carrel.api.Json;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.port.Probes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The question between two nodes on a port of its own: one claim as a line of JSON each way, at most 128
/// kB, within 3 s, over whatever sockets it is given. For as long as no door answers it.
public final class DirectProbes implements Probes, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DirectProbes.class);
    private static final int PATIENCE_MILLIS = 3_000;
    private static final int AT_ONCE_MOST = 64;

    /// Where sockets come from: plain ones, or of mutual TLS.
    public interface Sockets {
        ServerSocket listen(InetAddress address, int port) throws IOException;

        /// not connected yet
        Socket dial() throws IOException;

        /// After connecting or accepting: shakes hands, and proves who is there.
        /// @throws IOException when it is nobody of ours
        void prove(Socket socket) throws IOException;

        /// for tests on loopback
        Sockets PLAIN = new Sockets() {
            @Override
            public ServerSocket listen(InetAddress address, int port) throws IOException {
                return new ServerSocket(port, 50, address);
            }

            @Override
            public Socket dial() {
                return new Socket();
            }

            @Override
            public void prove(Socket socket) {
                // nothing to prove
            }
        };
    }

    private final Sockets sockets;
    private final ServerSocket server;
    private final Semaphore room = new Semaphore(AT_ONCE_MOST);
    private final AtomicLong refused = new AtomicLong();
    private volatile Answerer answerer = asker -> {
        throw new IllegalStateException("not open yet");
    };

    public static DirectProbes listen(Sockets sockets, InetAddress address, int port) throws IOException {
        return new DirectProbes(sockets, sockets.listen(address, port));
    }

    private DirectProbes(Sockets sockets, ServerSocket server) {
        this.sockets = sockets;
        this.server = server;
        Thread.ofVirtual().name("probes").start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public void answerBy(Answerer newAnswerer) {
        answerer = newAnswerer;
    }

    /// questions of strangers, and nonsense
    public long refused() {
        return refused.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                if (room.tryAcquire()) Thread.ofVirtual().name("probe answer").start(() -> answer(socket));
                else socket.close();
            } catch (IOException e) {
                if (!server.isClosed()) log.debug("probe not taken cause={}", e.toString());
            }
        }
    }

    private void answer(Socket socket) {
        long deadline = deadline();
        try (socket) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            sockets.prove(socket);
            Claim asker = read(socket, deadline);
            write(socket, answerer.answer(asker));
        } catch (IOException | RuntimeException stranger) {
            refused.incrementAndGet();
            log.debug("probe refused from={} cause={}", socket.getRemoteSocketAddress(), stranger.toString());
        } finally {
            room.release();
        }
    }

    @Override
    public Claim ask(Candidate door, Claim mine) throws IOException {
        long deadline = deadline();
        try (Socket socket = sockets.dial()) {
            InetSocketAddress address = new InetSocketAddress(door.host(), door.port());
            if (address.isUnresolved()) throw new IOException("no address is known of " + door.host());
            socket.connect(address, PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            sockets.prove(socket);
            write(socket, mine);
            return read(socket, deadline);
        } catch (IllegalArgumentException nonsense) {
            throw new IOException("no claim: " + nonsense.getMessage(), nonsense);
        }
    }

    private static void write(Socket socket, Claim claim) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.write(Json.bytes(ClaimInfo.of(claim)));
        line.write('\n');
        socket.getOutputStream().write(line.toByteArray());
        socket.getOutputStream().flush();
    }

    private static Claim read(Socket socket, long deadline) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] some = new byte[8192];
        while (line.size() <= ClaimInfo.BYTES_MOST) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) throw new SocketTimeoutException("no whole claim in " + PATIENCE_MILLIS + " ms");
            socket.setSoTimeout((int) left);
            int count = in.read(some);
            if (count < 0) throw new IOException("the connection ended within a claim");
            line.write(some, 0, count);
            if (some[count - 1] == '\n')
                return Json.readAnswer(line.toByteArray(), ClaimInfo.class).claim();
        }
        throw new IOException("a claim longer than " + ClaimInfo.BYTES_MOST + " bytes");
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            log.debug("probes not closed cause={}", e.toString());
        }
    }
}
