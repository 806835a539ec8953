package org.carrel.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.UserId;
import org.carrel.launch.process.Directories;
import org.carrel.launch.process.ProcessLauncher;
import org.carrel.port.HomeDesk;
import org.carrel.port.HomeDesk.Answer;
import org.carrel.port.HomeDesk.Move;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.carrel.support.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Moves between two nodes' desks, with real files and real tar; only the doors between them are left out.
class MoveTest {
    private static final UserId ADA = new UserId("ada");
    private static final SessionKey NOTEBOOK = new SessionKey(ADA, new AppId("notebook"), "default");

    private final Map<NodeName, Node> nodes = new HashMap<>();
    private Path root;

    private final class Node implements AutoCloseable {
        final NodeName name;
        final Path homesDirectory;
        final LocalHomes homes;
        final OwnDesk desk;
        final ProcessLauncher launcher;
        final ViewBoard board = new ViewBoard();
        HomeDesk shown;

        Node(String name) throws IOException {
            this.name = new NodeName(name);
            Directories directories = Directories.below(root.resolve(name), root.resolve(name + "r"));
            homesDirectory = directories.homes();
            launcher = ProcessLauncher.ofOneUid(directories);
            homes = LocalHomes.open(root.resolve(name + "h"), this.name, false, app -> true);
            desk = new OwnDesk(
                    homes,
                    launcher.homes().orElseThrow(),
                    board,
                    node -> nodes.get(node).shown,
                    InstantSource.system());
            shown = desk;
            nodes.put(this.name, this);
        }

        Path home() {
            return homesDirectory.resolve("ada");
        }

        @Override
        public void close() throws Exception {
            desk.close();
            launcher.close();
            board.close();
        }
    }

    @BeforeEach
    void make() throws IOException {
        root = Files.createTempDirectory("cm");
    }

    @AfterEach
    void leaveNothing() throws Exception {
        for (Node node : nodes.values()) node.close();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    private static Move end(Node at) throws Exception {
        Await.until(
                "the end of the move", () -> at.desk.latest(ADA).orElseThrow().state() != Move.State.COPYING);
        return at.desk.latest(ADA).orElseThrow();
    }

    @Test
    void files_are_copied_and_checked_and_only_then_the_other_machine_is_the_home() throws Exception {
        Node n1 = new Node("n1");
        Node n2 = new Node("n2");
        n1.homes.began(NOTEBOOK);
        n2.homes.learn(n1.homes.book());
        byte[] big = new byte[3 * HomeDesk.PIECE + 17];
        new java.util.Random(1).nextBytes(big);
        Files.createDirectories(n1.home().resolve("a directory/ü"));
        Files.write(n1.home().resolve("a directory/ü/big"), big);
        Files.createSymbolicLink(n1.home().resolve("link"), Path.of("a directory"));
        Files.writeString(n1.home().resolve("run.sh"), "#!/bin/sh\n").toFile().setExecutable(true);
        Files.createDirectories(n2.home());
        Files.writeString(n2.home().resolve("of before"), "kept");

        assertThat(n2.desk.fetch(ADA, true)).isInstanceOf(Answer.Done.class);
        Move move = end(n2);
        assertThat(move.why()).isEmpty();
        assertThat(move.state()).isEqualTo(Move.State.DONE);
        assertThat(move.bytes()).isGreaterThan(big.length);
        assertThat(n2.home().resolve("link/ü/big")).hasBinaryContent(big);
        assertThat(n2.home().resolve("run.sh").toFile().canExecute()).isTrue();
        assertThat(n1.homes.book()).isEqualTo(n2.homes.book());
        assertThat(n1.homes.book().of(ADA)).contains(n2.name);
        assertThat(n1.homes.obstacle(NOTEBOOK).orElseThrow()).contains("are on n2");
        // nothing is deleted anywhere
        assertThat(n1.home()).doesNotExist();
        assertThat(aside(n1).resolve("a directory/ü/big")).hasBinaryContent(big);
        assertThat(aside(n2).resolve("of before")).hasContent("kept");
    }

    @Test
    void a_user_without_files_moves_too() throws Exception {
        Node n1 = new Node("n1");
        Node n2 = new Node("n2");
        n1.homes.began(NOTEBOOK);
        n2.homes.learn(n1.homes.book());
        n2.desk.fetch(ADA, true);
        assertThat(end(n2).state()).isEqualTo(Move.State.DONE);
        assertThat(n2.homes.obstacle(NOTEBOOK)).isEmpty();
    }

    @Test
    void a_copy_that_breaks_off_or_is_not_what_was_sent_changes_nothing() throws Exception {
        Node n1 = new Node("n1");
        Node n2 = new Node("n2");
        n1.homes.began(NOTEBOOK);
        n2.homes.learn(n1.homes.book());
        Files.createDirectories(n1.home());
        Files.write(n1.home().resolve("big"), new byte[4 * HomeDesk.PIECE]);
        Files.createDirectories(n2.home());
        Files.writeString(n2.home().resolve("of before"), "kept");

        n1.shown = new Spoiling(n1.desk, piece -> {
            throw new IOException("the cable was pulled");
        });
        n2.desk.fetch(ADA, true);
        assertThat(end(n2).why()).contains("the cable was pulled");
        assertThat(n2.home().resolve("of before")).hasContent("kept");
        assertThat(n1.homes.book().of(ADA)).contains(n1.name);

        n1.homes.reopen(ADA);
        n1.shown = new Spoiling(n1.desk, piece -> {
            byte[] spoilt = piece.bytes().clone();
            if (piece.sum().isEmpty()) spoilt[spoilt.length - 1] ^= 1;
            return new HomeDesk.Piece(spoilt, piece.sum());
        });
        n2.desk.fetch(ADA, true);
        assertThat(end(n2).why()).contains("not what was sent");
        assertThat(n2.home().resolve("of before")).hasContent("kept");
        assertThat(n1.home().resolve("big")).hasSize(4L * HomeDesk.PIECE);
        try (Stream<Path> left = Files.list(n2.homesDirectory)) {
            assertThat(left).containsExactly(n2.home());
        }
    }

    @Test
    void a_home_that_gave_up_waiting_while_its_copy_was_put_down_stays_the_home() throws Exception {
        Node n1 = new Node("n1");
        Node n2 = new Node("n2");
        n1.homes.began(NOTEBOOK);
        n2.homes.learn(n1.homes.book());
        Files.createDirectories(n1.home());
        Files.writeString(n1.home().resolve("note"), "dear");
        AtomicInteger last = new AtomicInteger();
        n1.shown = new Spoiling(n1.desk, piece -> {
            if (piece.sum().isPresent() && last.incrementAndGet() > 1)
                throw new IOException("there is no such parcel here any more");
            return piece;
        });
        n2.desk.fetch(ADA, true);
        assertThat(end(n2).why()).contains("no such parcel");
        assertThat(n2.homes.book().of(ADA)).contains(n1.name);
        assertThat(n1.home().resolve("note")).hasContent("dear");
    }

    @Test
    void nothing_moves_while_a_session_works_with_the_files() throws Exception {
        Node n1 = new Node("n1");
        Node n2 = new Node("n2");
        n1.homes.began(NOTEBOOK);
        n2.homes.learn(n1.homes.book());
        SessionId id = SessionId.of(new byte[10]);
        Session session = new Session(
                id,
                NOTEBOOK,
                new KindId("jupyter"),
                Resources.NONE,
                n1.name,
                Instant.EPOCH,
                new SessionState.Reserved(Instant.EPOCH, 0));
        n1.board.publish(new View(1, Map.of(id, session), Map.of(), List.of()));
        n2.desk.fetch(ADA, true);
        assertThat(end(n2).why()).contains("notebook \"default\" on n1").contains("stop them first");
        assertThat(n1.homes.obstacle(NOTEBOOK)).isEmpty();
    }

    @Test
    void a_home_on_a_machine_that_is_gone_begins_anew_only_by_that_word() throws Exception {
        Node n2 = new Node("n2");
        n2.homes.learn(HomeBook.EMPTY.with(ADA, new HomeBook.Entry(new NodeName("n9"), 4)));
        assertThat(n2.desk.fetch(ADA, true)).isInstanceOf(Answer.Done.class);
        assertThat(end(n2).state()).isEqualTo(Move.State.FAILED);
        assertThat(n2.homes.obstacle(NOTEBOOK)).isPresent();
        n2.desk.fetch(ADA, false);
        assertThat(end(n2).state()).isEqualTo(Move.State.DONE);
        assertThat(n2.homes.book().entry(ADA)).contains(new HomeBook.Entry(n2.name, 5));
    }

    private static Path aside(Node node) throws IOException {
        try (Stream<Path> all = Files.list(node.homesDirectory)) {
            return all.filter(path -> path.getFileName().toString().startsWith(".aside.ada."))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /// A desk reached over a line that does something to the pieces.
    private record Spoiling(HomeDesk behind, Line line) implements HomeDesk {
        interface Line {
            Piece carry(Piece piece) throws IOException;
        }

        @Override
        public HomeBook book() throws IOException, InterruptedException {
            return behind.book();
        }

        @Override
        public Answer<Move> fetch(UserId user, boolean files) throws IOException, InterruptedException {
            return behind.fetch(user, files);
        }

        @Override
        public Optional<Move> latest(UserId user) throws IOException, InterruptedException {
            return behind.latest(user);
        }

        @Override
        public Answer<String> open(UserId user, NodeName to) throws IOException, InterruptedException {
            return behind.open(user, to);
        }

        @Override
        public Piece piece(String parcel, long number) throws IOException, InterruptedException {
            return line.carry(behind.piece(parcel, number));
        }

        @Override
        public void arrived(UserId user, HomeBook.Entry home) throws IOException, InterruptedException {
            behind.arrived(user, home);
        }
    }
}
