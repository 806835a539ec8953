package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Lease;
import org.carrel.support.Await;
import org.carrel.support.FakeAgent;
import org.carrel.trust.Refusals.Cause;
import org.carrel.trust.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that is shut out at one door is shut out at all, with what it had open.
class ShutOutTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path temp;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private Lab lab;
    private EchoWorkload backend;
    private Trust deciding;
    private Trust other;
    private Trust bad;

    @BeforeEach
    void open() throws IOException {
        lab = new Lab(temp);
        backend = lab.keep(new EchoWorkload());
        deciding = lab.node("deciding", Lab.BOTH);
        other = lab.node("other", Lab.BOTH);
        bad = lab.node("bad", Lab.BOTH);
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private Door door(Trust node) throws IOException {
        FakeAgent agent = FakeAgent.withApps();
        return lab.door(
                node,
                DoorLimits.DEFAULT,
                knock -> new Verdict.Open(backend.endpoint(), ProxyRules.PLAIN, List.of(), lease()),
                agent,
                lab.sessionsOf(node, agent).or(new ShutOutCalls(node.node(), node.shutOut())));
    }

    private static Lease lease() {
        return new Lease() {
            @Override
            public void sawInput(long bytes) {}

            @Override
            public void connections(int change) {}

            @Override
            public boolean stillAllowed() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    private void news(Trust node, InetSocketAddress... doors) {
        PeerCalls calls = lab.keep(new PeerCalls(node));
        lab.keep(new ShutOutNews(node.node(), lab.lookout(), () -> List.of(doors), calls, node.shutOut()));
    }

    private static String ask(PeerCalls calls, Door door) throws IOException, InterruptedException {
        return calls.call(
                        door.address(),
                        Words.SESSIONS,
                        new Words.AskSessions(null, 0, null),
                        Words.Known.class,
                        PATIENCE)
                .nodeId();
    }

    @Test
    void it_is_hung_up_on_everywhere_and_gets_in_nowhere_until_it_is_let_in_again() throws Exception {
        Door where = door(deciding);
        Door elsewhere = door(other);
        Door its = door(bad);
        news(other, where.address());
        PeerCalls badCalls = lab.keep(new PeerCalls(bad));
        PeerCalls otherCalls = lab.keep(new PeerCalls(other));
        assertThat(ask(badCalls, elsewhere)).isEqualTo(other.node().value());
        assertThat(ask(otherCalls, its)).isEqualTo(bad.node().value());
        Talk talk = Talk.open(loop, elsewhere.address(), bad, new UserId("ada"), new SessionId("adaadaadaadaadaa"));
        talk.send("hello");
        assertThat(talk.read(5)).isEqualTo("hello");

        deciding.shutOut().say(bad.node(), "n3", true);
        Await.until("the other node has heard of it", () -> other.shutOut().isOut(bad.node()));
        assertThat(talk.closed().get(20, TimeUnit.SECONDS)).isTrue();
        Await.until("nothing of it is open", () -> elsewhere.counts().connections() == 0);
        Await.until("nothing is open to it", () -> its.counts().connections() == 0);
        assertThatIOException().isThrownBy(() -> ask(badCalls, elsewhere));
        assertThatIOException().isThrownBy(() -> ask(badCalls, where));
        assertThatIOException().isThrownBy(() -> ask(otherCalls, its));
        assertThat(other.refusals().count(Cause.SHUT_OUT)).isGreaterThanOrEqualTo(2);

        deciding.shutOut().say(bad.node(), "n3", false);
        Await.until("the other node has heard of that", () -> !other.shutOut().isOut(bad.node()));
        assertThat(ask(badCalls, elsewhere)).isEqualTo(other.node().value());
    }

    @Test
    void a_node_that_was_away_hears_of_it_and_holds_to_it_after_a_restart() throws Exception {
        deciding.shutOut().say(bad.node(), "n3", true);
        CountDownLatch writtenDown = new CountDownLatch(1); // it holds before that
        other.shutOut().watch(writtenDown::countDown);
        news(other, door(deciding).address());
        assertThat(writtenDown.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(other.shutOut().isOut(bad.node())).isTrue();
        Trust again = lab.node("other", Lab.BOTH);
        Door door = door(again);
        assertThatThrownBy(() -> ask(lab.keep(new PeerCalls(bad)), door)).isInstanceOf(IOException.class);
        Await.until("it is counted", () -> again.refusals().count(Cause.SHUT_OUT) == 1);
    }
}
