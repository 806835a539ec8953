package org.carrel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.carrel.domain.node.NodeId;
import org.carrel.support.TestClock;
import org.carrel.trust.Refusals.Cause;
import org.carrel.trust.ShutOutList.Word;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is shut out, who may say so, and what becomes of a connection when it is said.
class ShutOutListTest {
    private static final NodeId BAD = new NodeId("00000000000000ba");

    @TempDir
    private Path temp;

    private final TestClock clock = new TestClock();
    private final List<Trust> opened = new ArrayList<>();

    @BeforeEach
    void cluster() throws IOException {
        ClusterKey.make(temp.resolve("key"), new ClusterName("lab"), clock.instant());
    }

    @AfterEach
    void close() {
        opened.forEach(Trust::close);
    }

    private Trust node(String name) throws IOException {
        Trust trust = Trust.open(temp.resolve("key"), temp.resolve(name), Role.ALL, clock);
        opened.add(trust);
        return trust;
    }

    private ShutOutList list(String name) throws IOException {
        return node(name).shutOut();
    }

    @Test
    void what_was_said_last_counts_wherever_it_was_said_and_after_a_restart() throws Exception {
        ShutOutList one = list("one");
        ShutOutList two = list("two");
        Word out = one.say(BAD, "n3", true);
        two.learn(one.words());
        assertThat(two.isOut(BAD)).isTrue();
        assertThat(list("two").isOut(BAD)).as("from its disk").isTrue();
        Word in = two.say(BAD, "n3", false);
        assertThat(in.at()).as("the clock stood still").isGreaterThan(out.at());
        one.learn(List.of(in));
        one.learn(List.of(out));
        assertThat(one.isOut(BAD)).as("an old word brings nothing back").isFalse();
        assertThat(ShutOutList.digestOf(one.words())).isEqualTo(ShutOutList.digestOf(two.words()));
        assertThat(list("one").isOut(BAD)).isFalse();
    }

    @Test
    void only_the_cluster_s_key_shuts_out_and_lets_in() throws Exception {
        ShutOutList list = list("one");
        Word out = list.say(BAD, "n3", true);
        NodeId good = new NodeId("000000000000600d");
        for (Word forged : List.of(
                new Word(good, "n3", out.at(), true, out.signature()),
                new Word(BAD, "n3", out.at() + 1, false, out.signature()),
                new Word(BAD, "n4", out.at() + 1, true, out.signature()),
                new Word(BAD, "n3", out.at() + 1, false, "AAAA"))) {
            assertThatIllegalArgumentException().isThrownBy(() -> list.learn(List.of(forged)));
            assertThat(list.words()).containsExactly(out);
        }
        Path other = temp.resolve("other");
        ClusterKey.make(other, new ClusterName("lab"), clock.instant());
        Trust moved = Trust.open(other, temp.resolve("one"), Role.ALL, clock);
        opened.add(moved);
        assertThat(moved.shutOut().words()).as("of another cluster").isEmpty();
    }

    @Test
    void a_node_without_the_private_key_holds_to_it_and_says_nothing() throws Exception {
        Trust inviting = node("inviting");
        Issuer issuer = inviting.issuer().orElseThrow();
        List<String> doors = List.of("192.0.2.1:7443");
        JoinToken token = issuer.invitations()
                .make(Duration.ofMinutes(15), Role.ALL, doors)
                .orElseThrow();
        Newcomer newcomer = new Newcomer(token, temp.resolve("joined"), clock);
        var welcome = (Issuer.Admitted.Welcome)
                issuer.admit(token.id(), token.secret(), newcomer.node(), _ -> false, newcomer.request());
        newcomer.settle(welcome.certificate(), welcome.cluster(), welcome.secret(), doors, temp.resolve("key2"));
        Trust joined = Trust.open(temp.resolve("key2"), temp.resolve("joined"), Role.ALL, clock);
        opened.add(joined);
        assertThat(joined.shutOut().canSay()).isFalse();
        assertThatThrownBy(() -> joined.shutOut().say(BAD, "n3", true)).isInstanceOf(IllegalStateException.class);
        inviting.shutOut().say(BAD, "n3", true);
        joined.shutOut().learn(inviting.shutOut().words());
        assertThat(joined.shutOut().isOut(BAD)).isTrue();
        inviting.shutOut().say(joined.node(), "n4", true);
        Peer itself = Peer.of(joined.certificate()).orElseThrow();
        assertThatIllegalArgumentException().isThrownBy(() -> issuer.renew(itself, Role.ALL, newcomer.request()));
        JoinToken second = issuer.invitations()
                .make(Duration.ofMinutes(15), Role.ALL, doors)
                .orElseThrow();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> issuer.admit(second.id(), second.secret(), joined.node(), _ -> false, newcomer.request()))
                .withMessageContaining("--undo");
    }

    @Test
    void the_list_is_bounded_and_only_what_nobody_needs_any_more_makes_room() throws Exception {
        ShutOutList list = list("one");
        List<Word> most = new ArrayList<>();
        for (int i = 0; i < ShutOutList.MOST; i++)
            most.add(list.signed(new NodeId("%016x".formatted(1_000 + i)), "n" + i, clock.millis(), true));
        list.learn(most);
        assertThatThrownBy(() -> list.say(BAD, "n3", true)).isInstanceOf(IllegalStateException.class);
        assertThat(list.isOut(BAD)).isFalse();
        clock.advance(ShutOutList.NEEDED.plusSeconds(1));
        list.say(BAD, "n3", true);
        assertThat(list.isOut(BAD)).isTrue();
        assertThat(list.words()).hasSize(ShutOutList.MOST);
        assertThat(list("one").words()).as("it can be read again").hasSize(ShutOutList.MOST);
    }

    @Test
    void a_damaged_file_keeps_the_node_from_starting() throws Exception {
        list("one").say(BAD, "n3", true);
        Path file = temp.resolve("one/shut-out");
        Files.writeString(file, Files.readString(file).substring(0, 30));
        assertThatIOException().isThrownBy(() -> list("one")).withMessageContaining("damaged; delete it");
    }

    @Test
    void who_waits_for_news_and_who_watches_is_told_at_once() throws Exception {
        ShutOutList list = list("one");
        AtomicInteger told = new AtomicInteger();
        Runnable over = list.watch(told::incrementAndGet);
        String before = ShutOutList.digestOf(list.words());
        assertThat(list.after(before, Duration.ZERO)).isEmpty();
        Thread.ofVirtual().start(() -> {
            try {
                list.say(BAD, "n3", true);
            } catch (IOException impossible) {
                throw new IllegalStateException(impossible);
            }
        });
        assertThat(list.after(before, Duration.ofSeconds(20))).hasSize(1);
        over.run();
        list.say(BAD, "n3", false);
        assertThat(told).hasValueLessThan(2);
    }

    @Test
    void an_engine_breaks_off_when_the_node_at_its_other_end_is_shut_out() throws Exception {
        Trust one = node("one");
        Trust two = node("two");
        End server = new End(one.mutual(Role.ALL).engine(false, "two", 1, () -> false));
        End client = new End(two.mutual(Role.ALL).engine(true, "one", 1, () -> false));
        shakeHands(client, server);
        assertThat(client.say("heartbeat", server)).isEqualTo("heartbeat");
        one.shutOut().say(new NodeId("000000000000600d"), "n5", true);
        assertThat(client.say("heartbeat", server)).as("another one").isEqualTo("heartbeat");
        one.shutOut().say(two.node(), "two", true);
        assertThatThrownBy(() -> client.say("heartbeat", server))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("shut out");
        assertThatThrownBy(() -> server.say("answer", client)).isInstanceOf(SSLException.class);
        assertThat(one.mutual(Role.ALL).peer(server.engine().getSession())).isEmpty();
        assertThat(one.refusals().count(Cause.SHUT_OUT)).isEqualTo(1);
    }

    @Test
    void an_engine_breaks_off_instead_of_writing_what_nobody_hears() throws Exception {
        AtomicBoolean stale = new AtomicBoolean();
        End server = new End(node("one").mutual(Role.ALL).engine(false, "two", 1, () -> false));
        End client = new End(node("two").mutual(Role.ALL).engine(true, "one", 1, stale::get));
        shakeHands(client, server);
        assertThat(client.say("heartbeat", server)).isEqualTo("heartbeat");
        stale.set(true);
        assertThatThrownBy(() -> client.say("heartbeat", server))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("nothing has been heard");
    }

    private static void shakeHands(End client, End server) throws SSLException {
        client.engine().beginHandshake();
        server.engine().beginHandshake();
        for (int i = 0; i < 100 && (client.isShaking() || server.isShaking()); i++) {
            client.shake(server);
            server.shake(client);
        }
    }

    /// @param in what has come from the other end
    private record End(SSLEngine engine, ByteBuffer in) {
        End(SSLEngine engine) {
            this(engine, ByteBuffer.allocate(64 << 10));
        }

        boolean isShaking() {
            HandshakeStatus status = engine.getHandshakeStatus();
            return in.position() > 0 || status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED;
        }

        void shake(End other) throws SSLException {
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) engine.wrap(ByteBuffer.allocate(0), other.in);
            else hear();
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) task.run();
        }

        String say(String text, End other) throws SSLException {
            engine.wrap(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), other.in);
            return other.hear();
        }

        private String hear() throws SSLException {
            ByteBuffer heard = ByteBuffer.allocate(64 << 10);
            in.flip();
            try {
                int before;
                do {
                    before = in.remaining();
                    engine.unwrap(in, heard);
                } while (in.hasRemaining() && in.remaining() < before);
            } finally {
                in.compact();
            }
            return new String(heard.array(), 0, heard.position(), StandardCharsets.US_ASCII);
        }
    }
}
