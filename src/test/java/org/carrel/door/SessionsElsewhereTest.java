package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.http.Header;
import org.carrel.http.RequestId;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Begun;
import org.carrel.port.Carrier;
import org.carrel.port.Knock;
import org.carrel.port.Knock.Traffic;
import org.carrel.port.Lease;
import org.carrel.port.NodeFacts;
import org.carrel.port.NodeMetadata;
import org.carrel.port.OtherNode;
import org.carrel.port.Progress;
import org.carrel.port.ServiceNodes;
import org.carrel.port.Sessions;
import org.carrel.port.View;
import org.carrel.support.Await;
import org.carrel.support.FakeAgent;
import org.carrel.trust.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same through another node's door, and what only then can happen.
class SessionsElsewhereTest extends SessionsContract {
    private static final Principal ADA = new Principal(new UserId("ada"), Set.of("stats"), Set.of(Scope.USE));

    @TempDir
    private Path temp;

    private final NodeMetadata.Own metadata = new NodeMetadata.Own() {
        private Metadata present = Metadata.NONE;

        @Override
        public synchronized Metadata change(Metadata.Change change) {
            present = present.with(change);
            return present;
        }
    };
    private final ServiceNodes.Own services = (app, from) -> new ServiceNodes.Look(
            ServiceNodes.State.INSTALLING, "", Optional.empty(), List.of("line " + from), from + 1);
    private final SeenLease seen = new SeenLease();
    private final FakeAgent mine = new FakeAgent(0);
    private Lab lab;
    private Door door;
    private AgentCalls answers;
    private PeerCalls calls;
    private Neighbours neighbours;
    private ClusterAdmission gate;
    private ClusterSessions all;

    @BeforeEach
    void open() throws Exception {
        lab = new Lab(temp);
        Trust owner = lab.node("owner", Lab.BOTH);
        Trust gateway = lab.node("gateway", Lab.BOTH);
        answers = lab.keep(new AgentCalls(
                owner.node(), FakeAgent.NODE, agent, agent, this::admit, call -> Optional.empty(), metadata, services));
        door = lab.door(owner, DoorLimits.DEFAULT, this::admit, agent, answers);
        calls = lab.keep(new PeerCalls(gateway));
        List<InetSocketAddress> doors = List.of(door.address());
        neighbours = lab.keep(new Neighbours(gateway.node(), mine, lab.lookout(), () -> doors, calls));
        gate = lab.keep(new ClusterAdmission(knock -> new Verdict.Absent(), neighbours, calls));
        all = new ClusterSessions(mine, neighbours, calls);
        Await.until("the neighbour answers", () -> neighbours.doors().contains(door.address()));
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    private void awaitKnown(SessionId id) throws InterruptedException {
        try (Feed<View> views = neighbours.follow()) {
            while (neighbours.holding(id).isEmpty()) views.next(Duration.ofSeconds(10));
        }
    }

    /// begins there, and asks for the rest without saying where it is
    @Override
    Sessions sessions() {
        return new Sessions() {
            @Override
            public Begun begin(SessionKey key, RequestId once) throws InterruptedException {
                Begun begun = new FarSessions(calls, door.address(), neighbours).begin(key, once);
                if (begun instanceof Begun.Granted(var session)) awaitKnown(session.id());
                return begun;
            }

            @Override
            public Feed<Progress> watch(SessionId id) {
                return all.watch(id);
            }

            @Override
            public Optional<Session> stop(SessionId id, End because) throws InterruptedException {
                return all.stop(id, because);
            }

            @Override
            public Optional<Session> extend(SessionId id, UserId by) throws InterruptedException {
                return all.extend(id, by);
            }

            @Override
            public List<String> log(SessionId id, int lines) throws InterruptedException {
                return all.log(id, lines);
            }

            @Override
            public Optional<Duration> usualStart(SessionKey key) {
                return all.usualStart(key);
            }

            @Override
            public void drain(boolean on) throws InterruptedException {
                new FarSessions(calls, door.address(), neighbours).drain(on);
            }
        };
    }

    @Test
    void the_owner_admits_and_hears_how_its_session_is_used() throws Exception {
        Session session = started();
        Verdict verdict = gate.admit(new Knock(session.id(), ADA, Traffic.WEBSOCKET));
        assertThat(verdict).isInstanceOf(Verdict.Open.class);
        Verdict.Open open = (Verdict.Open) verdict;
        assertThat(open.carrier()).isInstanceOf(Carrier.Far.class);
        assertThat(open.rules()).isEqualTo(ProxyRules.PLAIN);
        assertThat(open.inject()).containsExactly(new Header("X-Secret", "s"));
        open.lease().connections(2);
        open.lease().sawInput(10);
        Await.until("the use is reported", () -> seen.connections == 2 && seen.input > 0);
        open.lease().connections(-1);
        Await.until("the change is reported", () -> seen.connections == 1);
        assertThat(open.lease().stillAllowed()).isTrue();
        seen.allowed = false;
        Await.until("the end is heard of", () -> !open.lease().stillAllowed());
        assertThat(seen.closed).isTrue();
    }

    @Test
    void a_lease_that_is_closed_is_closed_at_its_owner() throws Exception {
        Session session = started();
        Verdict.Open open = (Verdict.Open) gate.admit(new Knock(session.id(), ADA, Traffic.HTTP));
        open.lease().close();
        Await.until("the owner hears of it", () -> seen.closed);
    }

    @Test
    void another_user_is_let_in_nowhere() throws Exception {
        Session session = started();
        Principal ben = new Principal(new UserId("ben"), Set.of(), Set.of(Scope.USE, Scope.ADMIN));
        assertThat(gate.admit(new Knock(session.id(), ben, Traffic.HTTP))).isEqualTo(new Verdict.Absent());
    }

    @Test
    void what_its_node_observes_of_a_session_is_seen_here_and_is_no_news_of_sessions() throws Exception {
        Session session = started();
        Await.until(
                "it is told of",
                () -> neighbours.current().session(session.id()).isPresent());
        agent.observe(session.id(), 42, new IdleVerdict.Keep("it works", Instant.MAX));
        long version = neighbours.current().version();
        Await.until(
                "it is seen",
                () -> neighbours
                        .current()
                        .sample(session.id())
                        .filter(it -> it.cpuPercent() == 42)
                        .isPresent());
        assertThat(neighbours.current().version()).isEqualTo(version);
    }

    @Test
    void a_node_that_fell_silent_keeps_its_sessions_and_lets_nobody_in() throws Exception {
        Session session = started();
        door.close();
        Await.until("it is found silent", () -> neighbours.doors().isEmpty());
        assertThat(neighbours.current().session(session.id())).isPresent();
        assertThat(gate.admit(new Knock(session.id(), ADA, Traffic.HTTP))).isInstanceOf(Verdict.Unreachable.class);
    }

    @Test
    void metadata_and_services_are_reached_through_the_door() throws Exception {
        NodeName there = new NodeName("there");
        mine.sees(new OtherNode(
                new NodeId("0000000000000007"),
                there,
                "127.0.0.1:7444",
                OtherNode.State.UP,
                Optional.empty(),
                Optional.of(new OtherNode.Hint(
                        FACTS,
                        new Candidate("127.0.0.1", door.address().getPort()),
                        Map.of(),
                        Set.of(),
                        List.of(),
                        0,
                        Map.of(),
                        Set.of(),
                        "",
                        FakeAgent.NOW))));
        FarMetadata far = new FarMetadata(calls, mine);
        assertThat(far.change(there, Metadata.Change.set("rack", "b2")).entries())
                .containsExactly(Map.entry("rack", "b2"));
        assertThat(far.change(there, Metadata.Change.NOTHING).entries()).containsExactly(Map.entry("rack", "b2"));
        assertThat(far.change(there, Metadata.Change.remove("rack")).entries()).isEmpty();
        for (int i = 0; i < Metadata.MOST; i++) far.change(there, Metadata.Change.set("k" + i, ""));
        assertThat(catchThrowable(() -> far.change(there, Metadata.Change.set("one-more", ""))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 64");
        assertThat(catchThrowable(() -> far.change(new NodeName("nobody"), Metadata.Change.NOTHING)))
                .isInstanceOf(IOException.class);
        FarServices services = new FarServices(calls, mine);
        assertThat(services.look(there, new AppId("site"), 7))
                .isEqualTo(new ServiceNodes.Look(
                        ServiceNodes.State.INSTALLING, "", Optional.empty(), List.of("line 7"), 8));
    }

    private static final NodeFacts FACTS = new NodeFacts(
            new NodeName("there"),
            "test",
            FakeAgent.NOW,
            new Capacity(Resources.NONE, 0, 1),
            Resources.NONE,
            0,
            0,
            0,
            false,
            0,
            0,
            0,
            0,
            "");

    @Test
    void senseless_calls_are_refused_and_the_door_goes_on() throws Exception {
        for (Object words : List.of("text", 7, List.of(), Map.of("session", "../x", "user", "ada", "kind", "http")))
            assertThat(catchThrowable(() -> calls.call(
                            door.address(), Words.ADMIT, words, Words.Admitted.class, Duration.ofSeconds(5))))
                    .isInstanceOf(IOException.class);
        assertThat(catchThrowable(() ->
                        calls.call(door.address(), "/v1/shell", Map.of(), Words.Nothing.class, Duration.ofSeconds(5))))
                .hasMessageContaining("404");
        started();
    }

    @Test
    void every_state_and_end_of_a_session_comes_over_as_it_is() throws Exception {
        Session session = started();
        agent.reach(session.id(), Progress.Stage.QUEUED, 4);
        same(session);
        agent.reach(session.id(), Progress.Stage.STARTING, 0);
        same(session);
        agent.ready(session.id());
        same(session);
        for (var end : List.of(
                new End.Idle("it was idle"),
                new End.Exited(137, List.of("a", "b")),
                new End.Failed("no R", List.of()),
                new End.Lost("the machine stopped"))) {
            agent.end(session.id(), end);
            same(session);
        }
    }

    private void same(Session session) throws Exception {
        Await.until(
                "the neighbour tells it",
                () -> neighbours
                        .current()
                        .session(session.id())
                        .equals(agent.current().session(session.id())));
    }

    private Session started() throws Exception {
        SessionKey key = new SessionKey(new UserId("ada"), new AppId("faithful"), "far");
        Session session = ((Begun.Granted) agent.begin(key, new RequestId("r"))).session();
        agent.ready(session.id());
        same(session);
        return agent.current().session(session.id()).orElseThrow();
    }

    private Verdict admit(Knock knock) {
        boolean owned = agent.current()
                .session(knock.session())
                .filter(session -> session.owner().equals(knock.by().user()))
                .isPresent();
        if (!owned) return new Verdict.Absent();
        return new Verdict.Open(new Endpoint.Tcp(1), ProxyRules.PLAIN, List.of(new Header("X-Secret", "s")), seen);
    }

    private static final class SeenLease implements Lease {
        private volatile int connections;
        private volatile long input;
        private volatile boolean allowed = true;
        private volatile boolean closed;

        @Override
        public void sawInput(long bytes) {
            input += bytes;
        }

        @Override
        public void connections(int change) {
            connections += change;
        }

        @Override
        public boolean stillAllowed() {
            return allowed;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /// A machine that was cloned with its disk, and still is itself by all it knows.
    @Test
    void of_two_nodes_that_tell_of_one_session_the_one_where_it_lives_is_asked() throws Exception {
        FakeAgent copy = FakeAgent.withApps();
        FakeAgent original = FakeAgent.withApps();
        SessionKey key = new SessionKey(new UserId("ada"), new AppId("faithful"), "default");
        Session lives = ((Begun.Granted) original.begin(key, new RequestId("once"))).session();
        Session ended = ((Begun.Granted) copy.begin(key, new RequestId("once"))).session();
        assertThat(lives.id()).isEqualTo(ended.id());
        copy.end(ended.id(), new End.Lost("its program was gone"));
        for (List<FakeAgent> order : List.of(List.of(copy, original), List.of(original, copy))) {
            List<InetSocketAddress> doors = new ArrayList<>();
            for (FakeAgent each : order) doors.add(doorOf(each).address());
            InetSocketAddress where = doors.get(order.indexOf(original));
            try (Neighbours both =
                    new Neighbours(lab.node("third", Lab.BOTH).node(), mine, lab.lookout(), () -> doors, calls)) {
                Await.until("both are known", () -> both.doors().size() == 2);
                assertThat(both.holding(lives.id())).contains(where);
                assertThat(both.current().sessions().get(lives.id())).isEqualTo(lives);
            }
        }
    }

    private Door doorOf(FakeAgent which) throws IOException {
        Trust node = lab.node("node" + System.identityHashCode(which), Lab.BOTH);
        Calls sessions = lab.sessionsOf(node, which);
        return lab.door(node, DoorLimits.DEFAULT, this::admit, which, sessions);
    }
}
