package org.carrel.gateway.restart;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.carrel.domain.Require.require;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A unix socket that carries packets, each with file descriptors beside its bytes (`SOCK_SEQPACKET`, `SCM_RIGHTS`):
/// what was sent together arrives together. Calls block; not for event loops or virtual threads.
///
/// A descriptor that was sent is another one at the receiver, and the sender keeps its own.
@SuppressWarnings("restricted") // what is received lies in native memory
public final class PacketSocket implements AutoCloseable {
    /// bytes of one packet; over it neither sent nor received
    public static final int PACKET_BYTES = 192 * 1024;

    /// descriptors of one packet
    public static final int PACKET_FILES = 64;

    private static final int UNIX = 1;
    private static final int SEQPACKET_CLOEXEC = 5 | 0x80000;
    private static final int CLOEXEC = 0x80000;
    private static final int BACKLOG = 8;
    private static final int PATH_MOST = 107;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int MSG_TRUNCATED = 0x08 | 0x20;
    private static final short POLLIN = 1;
    private static final int CONTROL_HEAD = 16;
    /// too many descriptors are on their way: the other side must take some first
    private static final int FULL_TRIES = 200;

    private final int descriptor;
    private boolean closed;
    private int users;

    private PacketSocket(int descriptor) {
        this.descriptor = descriptor;
    }

    /// @param files owned by whoever receives the packet
    public record Packet(String text, List<Integer> files) {
        public Packet {
            files = List.copyOf(files);
        }

        /// Of a packet nobody wants.
        public void drop() {
            files.forEach(SystemCalls::close);
        }
    }

    /// Takes the place of a socket that somebody left there. Only the owner of the file may connect, and root.
    /// @param path at most 107 bytes
    public static PacketSocket listen(Path path) throws IOException {
        Files.deleteIfExists(path);
        PacketSocket socket = open();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(arena, path);
            SystemCalls.BIND.must(socket.descriptor, address, (int) address.byteSize());
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            SystemCalls.LISTEN.must(socket.descriptor, BACKLOG);
            return socket;
        } catch (IOException | RuntimeException failed) {
            socket.close();
            throw failed;
        }
    }

    /// A socket is there, or was, but nobody listens.
    static final class NobodyException extends IOException {
        NobodyException(String why) {
            super(why);
        }
    }

    /// @throws NobodyException when nobody listens there
    public static PacketSocket connect(Path path) throws IOException {
        PacketSocket socket = open();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(arena, path);
            long result = SystemCalls.CONNECT.call(socket.descriptor, address, (int) address.byteSize());
            if (result == -SystemCalls.ENOENT || result == -SystemCalls.ECONNREFUSED)
                throw new NobodyException("nobody listens at " + path);
            if (result == -SystemCalls.EACCES)
                throw new IOException(path + " may not be used by this user; use the one who started Carrel, or root");
            if (result < 0) throw new IOException("can't connect to " + path + ": errno " + -result);
            return socket;
        } catch (IOException | RuntimeException failed) {
            socket.close();
            throw failed;
        }
    }

    private static PacketSocket open() throws IOException {
        return new PacketSocket((int) SystemCalls.SOCKET.must(UNIX, SEQPACKET_CLOEXEC, 0));
    }

    private static MemorySegment address(Arena arena, Path path) {
        byte[] name = path.toString().getBytes(UTF_8);
        require(name.length <= PATH_MOST, "too long for a socket: " + path);
        MemorySegment address = arena.allocate(2 + name.length + 1, 2);
        address.set(JAVA_SHORT, 0, (short) UNIX);
        MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
        return address;
    }

    /// Waits for the next one who connects. @return empty when this socket was closed
    public Optional<PacketSocket> accept() throws IOException {
        if (!enter()) return Optional.empty();
        try {
            long accepted;
            do accepted = SystemCalls.ACCEPT.call(descriptor, MemorySegment.NULL, MemorySegment.NULL, CLOEXEC);
            while (accepted == -SystemCalls.EINTR);
            if (accepted >= 0) return Optional.of(new PacketSocket((int) accepted));
            if (isClosed()) return Optional.empty();
            throw new IOException("accept failed: errno " + -accepted);
        } finally {
            leave();
        }
    }

    /// who is at the other end, as the kernel knows it
    public int peerUid() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment credentials = arena.allocate(12, 4);
            MemorySegment length = arena.allocateFrom(JAVA_INT, 12);
            SystemCalls.GETSOCKOPT.must(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length);
            return credentials.get(JAVA_INT, 4);
        }
    }

    /// @throws IOException when the other side has gone
    public void send(String text, int... files) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        require(bytes.length > 0 && bytes.length <= PACKET_BYTES, "no packet: " + bytes.length + " bytes");
        require(files.length <= PACKET_FILES, "too many files in one packet: " + files.length);
        if (!enter()) throw new IOException("closed");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = message(arena, arena.allocateFrom(JAVA_BYTE, bytes), files.length);
            if (files.length > 0) {
                MemorySegment control = control(message, files.length);
                control.set(JAVA_LONG, 0, CONTROL_HEAD + 4L * files.length);
                control.set(JAVA_INT, 8, SOL_SOCKET);
                control.set(JAVA_INT, 12, SCM_RIGHTS);
                MemorySegment.copy(files, 0, control, JAVA_INT, CONTROL_HEAD, files.length);
            }
            long sent = SystemCalls.SENDMSG.call(descriptor, message, MSG_NOSIGNAL);
            for (int tries = 0; isForNow(sent) && tries < FULL_TRIES; tries++) {
                TimeUnit.MILLISECONDS.sleep(5);
                sent = SystemCalls.SENDMSG.call(descriptor, message, MSG_NOSIGNAL);
            }
            if (sent != bytes.length) throw new IOException("sending a packet failed: errno " + -sent);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while sending");
        } finally {
            leave();
        }
    }

    private static boolean isForNow(long result) {
        return result == -SystemCalls.EINTR || result == -SystemCalls.ETOOMANYREFS;
    }

    /// @throws EOFException           when the other side has gone
    /// @throws InterruptedIOException when the patience is over
    public Packet receive(Duration patience) throws IOException {
        if (!enter()) throw new EOFException("closed");
        try (Arena arena = Arena.ofConfined()) {
            awaitPacket(arena, patience);
            MemorySegment room = arena.allocate(PACKET_BYTES + 1);
            MemorySegment message = message(arena, room, PACKET_FILES);
            long length;
            do length = SystemCalls.RECVMSG.call(descriptor, message, MSG_CMSG_CLOEXEC);
            while (length == -SystemCalls.EINTR);
            // reset: it went without having read what we sent
            if (length == 0 || length == -SystemCalls.ECONNRESET) throw new EOFException("the other Carrel has gone");
            if (length < 0) throw new IOException("receiving a packet failed: errno " + -length);
            List<Integer> files = files(message);
            if (length > PACKET_BYTES || (message.get(JAVA_INT, 48) & MSG_TRUNCATED) != 0) {
                files.forEach(SystemCalls::close);
                throw new IOException("a packet over the limit");
            }
            return new Packet(new String(room.asSlice(0, length).toArray(JAVA_BYTE), UTF_8), files);
        } finally {
            leave();
        }
    }

    private void awaitPacket(Arena arena, Duration patience) throws IOException {
        MemorySegment asked = arena.allocate(8, 4);
        asked.set(JAVA_INT, 0, descriptor);
        asked.set(JAVA_SHORT, 4, POLLIN);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            long left = Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
            long ready = SystemCalls.POLL.call(asked, 1L, (int) Math.min(left, Integer.MAX_VALUE));
            if (ready > 0) return;
            if (ready < 0 && ready != -SystemCalls.EINTR) throw new IOException("poll failed: errno " + -ready);
            if (System.nanoTime() - deadline >= 0)
                throw new InterruptedIOException("the other Carrel said nothing for " + patience.toMillis() + " ms");
        }
    }

    /// `struct msghdr` of a 64-bit Linux, with room for descriptors in its control part.
    private static MemorySegment message(Arena arena, MemorySegment bytes, int files) {
        MemorySegment vector = arena.allocate(16, 8);
        vector.set(ADDRESS, 0, bytes);
        vector.set(JAVA_LONG, 8, bytes.byteSize());
        MemorySegment message = arena.allocate(56, 8);
        message.set(ADDRESS, 16, vector);
        message.set(JAVA_LONG, 24, 1);
        if (files > 0) {
            long space = CONTROL_HEAD + (4L * files + 7) / 8 * 8;
            message.set(ADDRESS, 32, arena.allocate(space, 8));
            message.set(JAVA_LONG, 40, space);
        }
        return message;
    }

    private static MemorySegment control(MemorySegment message, int files) {
        return message.get(ADDRESS, 32).reinterpret(CONTROL_HEAD + 4L * files);
    }

    private static List<Integer> files(MemorySegment message) {
        List<Integer> files = new ArrayList<>();
        if (message.get(JAVA_LONG, 40) < CONTROL_HEAD) return files;
        MemorySegment control = control(message, PACKET_FILES);
        if (control.get(JAVA_INT, 8) != SOL_SOCKET || control.get(JAVA_INT, 12) != SCM_RIGHTS) return files;
        long count = (control.get(JAVA_LONG, 0) - CONTROL_HEAD) / 4;
        for (int i = 0; i < count; i++) files.add(control.get(JAVA_INT, CONTROL_HEAD + 4L * i));
        return files;
    }

    private synchronized boolean enter() {
        if (closed) return false;
        users++;
        return true;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /// The descriptor is freed by whoever uses it last: its number may then mean something else.
    private synchronized void leave() {
        users--;
        if (closed && users == 0) SystemCalls.close(descriptor);
    }

    /// Wakes whoever waits in it.
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        SystemCalls.SHUTDOWN.call(descriptor, 2);
        if (users == 0) SystemCalls.close(descriptor);
    }
}
