package org.carrel.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.carrel.api.ClaimInfo;
import org.carrel.api.Json;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.port.Probes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the door does, for tests of membership alone: one claim as a line of JSON each way over plain sockets.
final class DirectProbes implements Probes, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DirectProbes.class);
    private static final int PATIENCE_MILLIS = 3_000;
    private static final int AT_ONCE_MOST = 64;

    private final InetAddress address;
    private final int port;
    private volatile Optional<ServerSocket> server = Optional.empty();
    private volatile boolean closed;
    private final Semaphore room = new Semaphore(AT_ONCE_MOST);
    private volatile Answerer answerer = asker -> {
        throw new IllegalStateException("not open yet");
    };

    /// Returns at once. An address that somebody else still has is waited for.
    public static DirectProbes listen(InetAddress address, int port) {
        return new DirectProbes(address, port);
    }

    private DirectProbes(InetAddress address, int port) {
        this.address = address;
        this.port = port;
        Thread.ofVirtual().name("probes").start(this::live);
    }

    public void answerBy(Answerer newAnswerer) {
        answerer = newAnswerer;
    }

    private void live() {
        boolean said = false;
        while (!closed) {
            try (ServerSocket listening = new ServerSocket(port, 50, address)) {
                server = Optional.of(listening);
                while (!closed) accept(listening);
            } catch (IOException taken) {
                if (!said && !closed)
                    log.warn(
                            "no questions of other nodes can be answered yet address={}:{} cause=\"{}\"",
                            address.getHostAddress(),
                            port,
                            taken.getMessage());
                said = true;
                pause();
            }
        }
    }

    private void accept(ServerSocket listening) throws IOException {
        Socket socket = listening.accept();
        if (room.tryAcquire()) Thread.ofVirtual().name("probe answer").start(() -> answer(socket));
        else socket.close();
    }

    private void pause() {
        try {
            if (!closed) TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    private void answer(Socket socket) {
        long deadline = deadline();
        try (socket) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            write(socket, answerer.answer(read(socket, deadline)));
        } catch (IOException | RuntimeException stranger) {
            log.debug("probe refused from={} cause={}", socket.getRemoteSocketAddress(), stranger.toString());
        } finally {
            room.release();
        }
    }

    @Override
    public Claim ask(Candidate door, Claim mine) throws IOException {
        long deadline = deadline();
        try (Socket socket = new Socket()) {
            InetSocketAddress address = new InetSocketAddress(door.host(), door.port());
            if (address.isUnresolved()) throw new IOException("no address is known of " + door.host());
            socket.connect(address, PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
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
        closed = true;
        try {
            if (server.isPresent()) server.get().close();
        } catch (IOException e) {
            log.debug("probes not closed cause={}", e.toString());
        }
    }
}
