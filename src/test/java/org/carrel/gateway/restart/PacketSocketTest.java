package org.carrel.gateway.restart;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.carrel.gateway.restart.PacketSocket.Packet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacketSocketTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration NONE = Duration.ofMillis(1);

    @TempDir
    Path directory;

    private Path path;
    private PacketSocket listener;
    private PacketSocket here;
    private PacketSocket there;

    @BeforeEach
    void connect() throws IOException {
        path = directory.resolve("s");
        listener = PacketSocket.listen(path);
        here = PacketSocket.connect(path);
        there = listener.accept().orElseThrow();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        listener.close();
    }

    @Test
    void a_descriptor_goes_with_its_packet_and_is_the_same_socket_at_the_other_end() throws Exception {
        Listening first = Listening.bind(loopback());
        Listening second = Listening.bind(loopback());
        here.send("none");
        here.send("both", first.descriptor(), second.descriptor());
        here.send("one", second.descriptor());
        first.close();
        second.close();
        assertThat(there.receive(PATIENCE)).isEqualTo(new Packet("none", List.of()));
        List<Listening> received = new ArrayList<>();
        for (String text : List.of("both", "one")) {
            Packet packet = there.receive(PATIENCE);
            assertThat(packet.text()).isEqualTo(text);
            for (int file : packet.files()) received.add(Listening.received(file));
        }
        assertThat(received)
                .extracting(Listening::address)
                .containsExactly(first.address(), second.address(), second.address());
        for (Listening one : received)
            new Socket(loopback().getAddress(), one.address().getPort()).close();
        received.forEach(Listening::close);
    }

    @Test
    void as_many_descriptors_as_fit_go_and_one_more_is_not_sent() throws Exception {
        Listening one = Listening.bind(loopback());
        here.send("full", files(one, PacketSocket.PACKET_FILES));
        Packet full = there.receive(PATIENCE);
        assertThat(full.files()).hasSize(PacketSocket.PACKET_FILES);
        assertThat(Descriptors.ofTheSame(one.descriptor())).isEqualTo(PacketSocket.PACKET_FILES + 1);
        full.drop();
        assertThat(Descriptors.ofTheSame(one.descriptor())).isEqualTo(1);
        assertThatThrownBy(() -> here.send("more", files(one, PacketSocket.PACKET_FILES + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65");
        one.close();
    }

    @Test
    void of_a_packet_with_more_descriptors_than_allowed_none_is_kept() throws Exception {
        Listening one = Listening.bind(loopback());
        try (Raw raw = new Raw()) {
            PacketSocket receiver = listener.accept().orElseThrow();
            raw.send(10, files(one, PacketSocket.PACKET_FILES + 6));
            assertThatThrownBy(() -> receiver.receive(PATIENCE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("over the limit");
            assertThat(Descriptors.ofTheSame(one.descriptor())).isEqualTo(1);
            receiver.close();
        }
        one.close();
    }

    @Test
    void a_packet_of_the_most_bytes_goes_and_one_more_byte_does_not() throws Exception {
        String most = "x".repeat(PacketSocket.PACKET_BYTES);
        here.send(most);
        assertThat(there.receive(PATIENCE).text()).isEqualTo(most);
        assertThatThrownBy(() -> here.send(most + "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> here.send("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_packet_with_more_bytes_than_allowed_is_refused_and_its_descriptors_closed() throws Exception {
        Listening one = Listening.bind(loopback());
        try (Raw raw = new Raw()) {
            PacketSocket receiver = listener.accept().orElseThrow();
            raw.send(PacketSocket.PACKET_BYTES + 1, files(one, 2));
            raw.send(3);
            assertThatThrownBy(() -> receiver.receive(PATIENCE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("over the limit");
            assertThat(Descriptors.ofTheSame(one.descriptor())).isEqualTo(1);
            assertThat(receiver.receive(PATIENCE).text()).as("the next one").isEqualTo("xxx");
            receiver.close();
        }
        one.close();
    }

    @Test
    void when_the_other_side_goes_what_it_sent_can_still_be_read() throws Exception {
        Listening one = Listening.bind(loopback());
        here.send("last", one.descriptor());
        here.close();
        Packet last = there.receive(PATIENCE);
        assertThat(last.text()).isEqualTo("last");
        last.drop();
        assertThatThrownBy(() -> there.receive(PATIENCE)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> there.send("anybody?")).isInstanceOf(IOException.class);
        one.close();
    }

    @Test
    void who_goes_without_having_read_has_gone_too() throws Exception {
        here.send("never read");
        there.close();
        assertThatThrownBy(() -> here.receive(PATIENCE)).isInstanceOf(EOFException.class);
    }

    @Test
    void what_nobody_received_is_closed_with_the_socket() throws Exception {
        Listening one = Listening.bind(loopback());
        here.send("unread", one.descriptor());
        here.close();
        there.close();
        one.close();
        // nobody holds it: the port is refused
        assertThatThrownBy(
                        () -> new Socket(loopback().getAddress(), one.address().getPort()).close())
                .isInstanceOf(IOException.class);
    }

    @Test
    void silence_is_told_from_an_end() {
        assertThatThrownBy(() -> there.receive(NONE)).isInstanceOf(InterruptedIOException.class);
    }

    @Test
    void closing_wakes_whoever_waits() throws Exception {
        CompletableFuture<Object> received = waiting(() -> there.receive(PATIENCE));
        CompletableFuture<Object> accepted = waiting(() -> listener.accept().isEmpty());
        there.close();
        listener.close();
        assertThat(received.get(30, TimeUnit.SECONDS)).isInstanceOf(EOFException.class);
        assertThat(accepted.get(30, TimeUnit.SECONDS)).isEqualTo(true);
        assertThatThrownBy(() -> there.send("closed")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> there.receive(NONE)).isInstanceOf(EOFException.class);
    }

    @Test
    void only_its_owner_may_connect_and_the_next_to_listen_takes_the_place() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(there.peerUid()).isEqualTo(ControlSocket.ownUid());
        try (PacketSocket next = PacketSocket.listen(path);
                PacketSocket asker = PacketSocket.connect(path);
                PacketSocket asked = next.accept().orElseThrow()) {
            asker.send("new");
            assertThat(asked.receive(PATIENCE).text()).isEqualTo("new");
        }
    }

    @Test
    void where_nobody_listens_is_told_from_other_failures() throws Exception {
        listener.close();
        assertThatThrownBy(() -> PacketSocket.connect(path)).isInstanceOf(PacketSocket.NobodyException.class);
        Files.delete(path);
        assertThatThrownBy(() -> PacketSocket.connect(path)).isInstanceOf(PacketSocket.NobodyException.class);
        Path notASocket = Files.createDirectory(directory.resolve("d")).resolve("f");
        assertThatThrownBy(
                        () -> PacketSocket.connect(Files.createFile(notASocket).resolve("s")))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(PacketSocket.NobodyException.class);
        assertThatThrownBy(() -> PacketSocket.listen(Path.of("/tmp/" + "x".repeat(103))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too long");
    }

    private interface Waiting {
        Object get() throws IOException;
    }

    private static CompletableFuture<Object> waiting(Waiting waiting) {
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                outcome.complete(waiting.get());
            } catch (IOException failed) {
                outcome.complete(failed);
            }
        });
        return outcome;
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static int[] files(Listening one, int count) {
        int[] files = new int[count];
        Arrays.fill(files, one.descriptor());
        return files;
    }

    /// Sends what our own sending side would not.
    private final class Raw implements AutoCloseable {
        private final int descriptor;

        Raw() throws IOException {
            descriptor = (int) SystemCalls.SOCKET.must(1, 5, 0);
            byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment address = arena.allocate(2 + name.length + 1, 2);
                address.set(JAVA_SHORT, 0, (short) 1);
                MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
                SystemCalls.CONNECT.must(descriptor, address, (int) address.byteSize());
            }
        }

        void send(int bytes, int... files) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment vector = arena.allocate(16, 8);
                vector.set(ADDRESS, 0, arena.allocate(bytes).fill((byte) 'x'));
                vector.set(JAVA_LONG, 8, bytes);
                MemorySegment message = arena.allocate(56, 8);
                message.set(ADDRESS, 16, vector);
                message.set(JAVA_LONG, 24, 1);
                if (files.length > 0) {
                    MemorySegment control = arena.allocate(16 + (4L * files.length + 7) / 8 * 8, 8);
                    control.set(JAVA_LONG, 0, 16 + 4L * files.length);
                    control.set(JAVA_INT, 8, 1);
                    control.set(JAVA_INT, 12, 1);
                    MemorySegment.copy(files, 0, control, JAVA_INT, 16, files.length);
                    message.set(ADDRESS, 32, control);
                    message.set(JAVA_LONG, 40, control.byteSize());
                }
                SystemCalls.SENDMSG.must(descriptor, message, 0);
            }
        }

        @Override
        public void close() {
            SystemCalls.close(descriptor);
        }
    }
}
