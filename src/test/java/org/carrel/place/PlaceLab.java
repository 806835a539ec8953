package org.carrel.place;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.NodeRules;
import org.carrel.domain.node.NodeState;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;
import org.carrel.domain.place.Strategy;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.RequestId;
import org.carrel.port.Catalogue;
import org.carrel.port.Homes;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.Reservations;
import org.carrel.port.Start;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;

/// Nodes that decide as real ones do and launch nothing, each with a gateway's placements, in one program.
final class PlaceLab implements AutoCloseable {
    static final AppId DESK = new AppId("desk");
    static final long GIB = 1L << 30;
    private static final Resources DEMAND = new Resources(500, GIB);

    final class Node implements Reservations {
        final NodeName name;
        private final NodeId id;
        private final Capacity capacity;
        private final NodeAnswers answers;
        final Placements placements;
        final Homes homes;
        private final ViewBoard board = new ViewBoard();
        private NodeState state;
        private int ids;
        volatile boolean silent;
        volatile boolean joined = true;
        volatile Optional<String> obstacle = Optional.empty();
        volatile OtherNode.State seen = OtherNode.State.UP;

        volatile Map<String, String> labels = Map.of();

        Node(int number, int places) {
            name = new NodeName("n" + number);
            id = new NodeId("%016x".formatted(number));
            capacity = new Capacity(new Resources(64_000, 1000 * GIB), places, 2);
            state = NodeState.empty(
                    new NodeRules(
                            name,
                            capacity,
                            Duration.ofHours(1),
                            Duration.ofSeconds(30),
                            Duration.ofSeconds(60),
                            Duration.ofMinutes(10),
                            50,
                            Duration.ofSeconds(30)),
                    1);
            homes = homesOf.apply(name);
            answers = new NodeAnswers(name, this, homes, InstantSource.system());
            board.publish(new View(0, Map.of(), Map.of(), List.of(facts()), Map.of()));
            placements = new Placements(new Placements.Parts(
                    name,
                    board,
                    catalogue,
                    homes,
                    answers,
                    PlaceLab.this::call,
                    Map.of(),
                    Strategy.SPREAD,
                    () -> joined,
                    InstantSource.system()));
        }

        @Override
        public synchronized Optional<NodeAnswer> answer(PeerCall call) {
            NodeAnswer answer = switch (call) {
                case PeerCall.Look(var ask) -> ((NodeAnswer.Report) on(ask)).hinderedBy(obstacle);
                case PeerCall.Reserve reserve -> on(reserve.event(APP, freshId()));
                case PeerCall.Withdraw(var withdraw) -> on(withdraw);
                case PeerCall.ForRegistrar other -> throw new AssertionError(other);
            };
            return Optional.of(answer);
        }

        private SessionId freshId() {
            byte[] bytes = new byte[10];
            bytes[0] = (byte) name.value().hashCode();
            bytes[8] = (byte) (ids >> 8);
            bytes[9] = (byte) ids++;
            return SessionId.of(bytes);
        }

        private NodeAnswer on(NodeEvent event) {
            NodeState.Step step = state.on(event, Instant.now());
            state = step.next();
            return step.answer();
        }

        @Override
        public long epoch() {
            return 1;
        }

        synchronized void drain() {
            on(new NodeEvent.Drain(true));
        }

        synchronized void end(SessionId session) {
            on(new NodeEvent.Stop(session, new End.Stopped("ada")));
            on(new NodeEvent.NotLaunched(session, new End.Stopped("ada")));
            on(new NodeEvent.Gone(session, new End.Stopped("ada")));
        }

        synchronized List<Session> live() {
            return state.sessions().stream()
                    .filter(session -> session.state().isLive())
                    .toList();
        }

        private synchronized NodeFacts facts() {
            return new NodeFacts(
                    name,
                    "test",
                    Instant.EPOCH,
                    capacity,
                    state.committed(),
                    state.live(),
                    state.starting(),
                    state.queued(),
                    state.draining(),
                    0,
                    0,
                    0,
                    0,
                    "");
        }

        private OtherNode asOther() {
            List<OtherNode.SessionHint> hints = live().stream()
                    .map(session -> new OtherNode.SessionHint(session.id(), session.key(), "ready", Instant.EPOCH))
                    .toList();
            return new OtherNode(
                    id,
                    name,
                    name + ":7444",
                    seen,
                    Optional.empty(),
                    Optional.of(new OtherNode.Hint(
                            facts(),
                            new Candidate("127.0.0.1", 7443),
                            labels,
                            Set.of(DESK),
                            hints,
                            0,
                            Map.of(),
                            Set.of(),
                            "",
                            Instant.EPOCH)));
        }
    }

    static final App APP = new App(
            DESK,
            new KindId("web"),
            "Desk",
            "",
            Optional.empty(),
            List.of("desk"),
            Map.of(),
            DEMAND,
            Audience.EVERYBODY,
            IdleRule.DEFAULT,
            Duration.ofSeconds(30));

    /// of every node
    volatile List<App> apps = List.of(APP);

    private final Catalogue catalogue = new Catalogue() {
        @Override
        public List<Entry> entries() {
            return apps.stream().map(app -> new Entry(app, Optional.empty())).toList();
        }

        @Override
        public Optional<Entry> find(AppId id) {
            return entries().stream()
                    .filter(entry -> entry.app().id().equals(id))
                    .findFirst();
        }
    };

    private final Map<NodeName, Node> byName = new ConcurrentHashMap<>();
    final List<Node> nodes = new ArrayList<>();
    private final Function<NodeName, Homes> homesOf;
    private long version;

    /// @param places of each node
    PlaceLab(int... places) {
        this(_ -> Homes.SHARED, places);
    }

    PlaceLab(Function<NodeName, Homes> homesOf, int... places) {
        this.homesOf = homesOf;
        for (int each : places) {
            Node node = new Node(nodes.size() + 1, each);
            nodes.add(node);
            byName.put(node.name, node);
        }
        gossip();
    }

    Node node(int number) {
        return nodes.get(number - 1);
    }

    /// Everybody hears of everybody as they are now.
    void gossip() {
        version++;
        for (Node node : nodes)
            node.board.publish(new View(
                    version,
                    node.live().stream().collect(Collectors.toMap(Session::id, it -> it)),
                    Map.of(),
                    List.of(node.facts()),
                    nodes.stream().filter(it -> it != node).collect(Collectors.toMap(it -> it.name, Node::asOther))));
    }

    List<Session> live() {
        return nodes.stream().flatMap(node -> node.live().stream()).toList();
    }

    private PeerReply call(NodeName to, PeerCall call) throws IOException, InterruptedException {
        Node node = byName.get(to);
        if (node.silent) {
            TimeUnit.MILLISECONDS.sleep(50);
            throw new IOException("silent");
        }
        return node.answers.answer(call).orElseThrow();
    }

    static SessionKey key(String user) {
        return new SessionKey(new UserId(user), DESK, SessionKey.DEFAULT_NAME);
    }

    static Start now(String user, String ticket) {
        return Start.now(key(user), new RequestId(ticket));
    }

    static Start waiting(String user, String ticket) {
        return new Start(key(user), new RequestId(ticket), Optional.empty(), false, true);
    }

    @Override
    public void close() {
        nodes.forEach(node -> node.board.close());
    }
}
