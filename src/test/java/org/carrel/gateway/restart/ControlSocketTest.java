package org.carrel.gateway.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.carrel.gateway.restart.Message.Ask;
import org.carrel.gateway.restart.Message.Me;
import org.carrel.gateway.restart.Message.Place;
import org.carrel.gateway.restart.Message.Refused;
import org.carrel.gateway.restart.Message.Who;
import org.carrel.gateway.restart.PacketSocket.Packet;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who asks a running Carrel, and what for.
class ControlSocketTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Me ME = new Me(812, 1000, "0.4", List.of("up"), "/srv", Map.of());
    private static final int SERVED_AT_ONCE = 4;
    private static final int OTHER_UID = 79_998;

    @TempDir
    Path directory;

    private final BlockingQueue<Successor> successors = new LinkedBlockingQueue<>();
    private Path path;
    private Listening listening;
    private ControlSocket control;

    @BeforeEach
    void open() throws IOException {
        path = directory.resolve("control.sock");
        listening = Listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        control = ControlSocket.open(path, ME, () -> List.of(listening.duplicate()), successors::add);
    }

    @AfterEach
    void close() {
        control.close();
        successors.forEach(Successor::close);
        listening.close();
    }

    @Test
    void says_who_it_is() throws IOException {
        assertThat(Predecessor.who(path)).contains(ME);
    }

    @Test
    @Needs({Needs.Thing.ROOT, Needs.Thing.PERL})
    void another_user_gets_no_word_even_when_the_file_lets_it_in() throws Exception {
        assertThat(asked(0)).startsWith("me {");
        assertThat(asked(OTHER_UID)).as("by the file").isEqualTo("not connected");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(asked(OTHER_UID)).as("by its user").isEqualTo("");
        assertThat(Predecessor.who(path)).contains(ME);
    }

    @Test
    @Needs({Needs.Thing.ROOT, Needs.Thing.PERL})
    void nobody_takes_a_place_from_a_stranger() throws Exception {
        Path strangers = Files.createDirectory(directory.resolve("d"));
        Files.setAttribute(strangers, "unix:uid", OTHER_UID);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path trap = strangers.resolve("s");
        Process stranger = perl(
                OTHER_UID,
                trap,
                "bind(S, sockaddr_un($p)) or die; listen(S, 1) or die; print qq(here\n); $|=1; accept(C, S); <STDIN>");
        try {
            assertThat(stranger.inputReader().readLine()).isEqualTo("here");
            Files.setAttribute(trap, "unix:uid", 0);
            assertThatThrownBy(() -> Predecessor.who(trap))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("belongs to another user");
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    @Test
    void what_is_no_question_is_told_so_and_the_next_is_served() throws Exception {
        for (String hostile : List.of("x", "who", "ready {}", "took {}", "busy {\"uses\":[]}", "ask {", "ask []"))
            try (PacketSocket asker = PacketSocket.connect(path)) {
                int mine = listening.descriptor();
                asker.send(hostile, mine, mine);
                try {
                    Packet answer = asker.receive(PATIENCE);
                    assertThat(Message.parse(answer.text())).isInstanceOf(Refused.class);
                } catch (EOFException closed) {
                    // not even an answer
                }
            }
        assertThat(Predecessor.who(path)).contains(ME);
        Await.until("the files that came along are closed", () -> Descriptors.ofTheSame(listening.descriptor()) == 1);
    }

    @Test
    void those_who_connect_and_say_nothing_leave_room_again() throws Exception {
        List<PacketSocket> mute = new ArrayList<>();
        for (int i = 0; i < SERVED_AT_ONCE; i++) mute.add(PacketSocket.connect(path));
        Await.until("the room is full", () -> !isServed());
        mute.forEach(PacketSocket::close);
        Await.until("there is room again", this::isServed);
    }

    @Test
    void another_version_of_the_hand_over_is_refused_by_its_number() throws IOException {
        try (PacketSocket asker = PacketSocket.connect(path)) {
            asker.send(Message.text(new Ask(99, 1, "9")));
            assertThat(Message.parse(asker.receive(PATIENCE).text()))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.why()).contains("99", "this one " + Message.PROTOCOL));
        }
    }

    @Test
    void one_at_a_time_may_take_the_place_and_who_gives_up_frees_it() throws Exception {
        try (PacketSocket first = PacketSocket.connect(path)) {
            Packet place = ask(first);
            assertThat(Message.parse(place.text())).isEqualTo(new Place(ME.pid(), ME.uid(), ME.version()));
            assertThat(place.files()).as("output, error, listener").hasSize(3);
            place.drop();
            try (PacketSocket second = PacketSocket.connect(path)) {
                assertThat(Message.parse(ask(second).text()))
                        .isEqualTo(new Refused("another one is taking its place just now"));
            }
            first.send(Message.text(new Who())); // and not: ready
        }
        try (Predecessor place = awaitPlace()) {
            assertThat(place.pid()).isEqualTo(ME.pid());
            assertThat(successors).isEmpty();
            place.took(); // too early
            place.listeners().forEach(Listening::close);
        }
        try (Predecessor place = awaitPlace()) {
            place.listeners().forEach(Listening::close);
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    place.receive(new ArrayList<>());
                } catch (IOException over) {
                    // this test gives nothing
                }
            });
            Successor successor = successors.poll(30, TimeUnit.SECONDS);
            assertThat(successor).isNotNull();
            successor.close();
        }
        Await.until("everything that came is closed", () -> Descriptors.ofTheSame(listening.descriptor()) == 1);
    }

    private boolean isServed() {
        try {
            return Predecessor.who(path).isPresent();
        } catch (IOException full) {
            return false;
        }
    }

    private static Packet ask(PacketSocket asker) throws IOException {
        asker.send(Message.text(new Ask(Message.PROTOCOL, 1, "test")));
        return asker.receive(PATIENCE);
    }

    private Predecessor awaitPlace() throws Exception {
        List<Predecessor> place = new ArrayList<>();
        Await.until("the place can be asked for", () -> {
            try {
                return place.add(Predecessor.ask(path, "test").orElseThrow());
            } catch (Predecessor.RefusedException notYet) {
                return false;
            }
        });
        return place.getFirst();
    }

    /// @return what a process of that user is told; empty: nothing
    private String asked(int asUid) throws Exception {
        Process process = perl(
                asUid,
                path,
                "connect(S, sockaddr_un($p)) or do { print qq(not connected); exit };"
                        + " send(S, qq(who {}), 0); recv(S, my $said, 65536, 0); print $said");
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private static Process perl(int uid, Path path, String deed) throws IOException {
        String script = "use Socket; $| = 1; my ($u, $p) = @ARGV; $( = $) = $u; $< = $> = $u; die if $> != $u;"
                + " socket(S, PF_UNIX, SOCK_SEQPACKET, 0) or die; " + deed;
        return new ProcessBuilder("perl", "-e", script, Integer.toString(uid), path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
