package org.carrel.domain.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Reserved;
import org.carrel.domain.session.SessionState.Starting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A seeded random walk: users who click at random, launchers and programs that behave at random, reports that come
/// late, twice or never. The invariants are checked after every event.
class NodeStateWalkTest {
    private static final int STEPS = 3_000;
    private static final NodeRules RULES = NodeDesk.rules(6, 5, 2);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whatever_happens_the_node_keeps_its_promises(long seed) {
        new Walk(seed, step -> step).run(STEPS);
    }

    /// The checks have teeth: a node that lets one more in is caught.
    @Test
    void a_node_that_over_commits_is_caught() {
        assertThatThrownBy(() -> new Walk(1, NodeStateWalkTest::withRoomForOneMore).run(STEPS))
                .isInstanceOf(AssertionError.class);
    }

    private static NodeState withRoomForOneMore(NodeState state) {
        return new NodeState(
                NodeDesk.rules(7, 6, 3),
                NodeDesk.EPOCH,
                state.entries,
                state.once,
                state.withdrawn,
                state.turns,
                state.line,
                state.draining());
    }

    private static final class Walk {
        private final SplittableRandom random;
        private final UnaryOperator<NodeState> flaw;
        private final NodeDesk node = new NodeDesk(6, 5, 2);
        private final Map<SessionId, Ended> ends = new HashMap<>();
        private final Set<SessionId> granted = new HashSet<>();
        private final Set<SessionId> settled = new HashSet<>();
        private final Set<SessionId> everStarted = new LinkedHashSet<>();
        private final List<SessionId> line = new ArrayList<>();
        private final List<SessionId> known = new ArrayList<>();
        private int ids;

        Walk(long seed, UnaryOperator<NodeState> flaw) {
            this.random = new SplittableRandom(seed);
            this.flaw = flaw;
            node.state = flaw.apply(node.state);
        }

        void run(int steps) {
            for (int i = 0; i < steps; i++) {
                node.now = node.now.plusMillis(random.nextInt(4_000));
                NodeAnswer answer = node.on(event());
                node.state = flaw.apply(node.state);
                if (answer instanceof NodeAnswer.Granted(var session) && granted.add(session.id()))
                    known.add(session.id());
                check();
            }
            // whoever was granted has its end in the end, even if nobody reports anything any more
            for (int i = 0; i < 200; i++) {
                for (Session session : node.state.sessions())
                    if (session.state().word().equals("draining"))
                        node.on(new NodeEvent.Gone(session.id(), new End.Lost("at last")));
                node.pass(Duration.ofSeconds(10));
                check();
            }
            assertThat(settled).containsAll(granted);
        }

        private NodeEvent event() {
            SessionId id = known.isEmpty() || random.nextInt(50) == 0
                    ? NodeDesk.id(1_000_000)
                    : known.get(Math.max(0, known.size() - 1 - random.nextInt(12)));
            End end = new End.Lost("walk " + random.nextInt());
            return switch (random.nextInt(14)) {
                case 0, 1, 2, 3 -> begin();
                case 4, 5, 6 -> new NodeEvent.Launched(id, NodeDesk.workload(id));
                case 7, 8 -> new NodeEvent.Answered(id);
                case 9 -> new NodeEvent.Gone(id, end);
                case 10 ->
                    random.nextBoolean() ? new NodeEvent.NotLaunched(id, end) : new NodeEvent.NeverAnswered(id, end);
                case 11 -> new NodeEvent.Stop(id, end);
                case 12 -> new NodeEvent.Drain(random.nextInt(4) == 0);
                default -> new NodeEvent.Tick();
            };
        }

        private NodeEvent begin() {
            Resources demand = new Resources(500, NodeDesk.GIB * (1 + random.nextInt(3)));
            String app = "a" + random.nextInt(2);
            return new NodeEvent.Begin(
                    NodeDesk.key("u" + random.nextInt(8), app),
                    NodeDesk.app(app, demand),
                    NodeDesk.id(ids++),
                    "r" + random.nextInt(400));
        }

        private void check() {
            NodeState state = node.state;
            assertThat(state.committed().fitsIn(RULES.capacity().total()))
                    .as("capacity")
                    .isTrue();
            assertThat(state.live())
                    .as("cap on sessions")
                    .isLessThanOrEqualTo(RULES.capacity().sessions());
            assertThat(state.starting())
                    .as("starts at once")
                    .isLessThanOrEqualTo(RULES.capacity().starts());
            assertThat(state.ended()).as("ended kept").isLessThanOrEqualTo(RULES.endedMost());
            assertThat(state.once.size()).isLessThanOrEqualTo(NodeState.ONCE_MOST);
            Set<SessionKey> keys = new HashSet<>();
            int ahead = 0;
            for (Session session : state.sessions()) {
                if (session.state().isLive())
                    assertThat(keys.add(session.key())).as("one live of a key").isTrue();
                if (session.state() instanceof Reserved reserved) {
                    assertThat(reserved.ahead()).as("place in line").isEqualTo(ahead++);
                    assertThat(state.starting())
                            .as("nobody waits at an open gate")
                            .isEqualTo(RULES.capacity().starts());
                }
                checkOrder(session);
                checkEnd(session);
            }
        }

        /// First come, first served: nobody starts while one who came before still waits.
        private void checkOrder(Session session) {
            if (session.state() instanceof Reserved && !line.contains(session.id())) line.add(session.id());
            if (session.state() instanceof Starting && everStarted.add(session.id()))
                for (SessionId earlier : line) {
                    if (earlier.equals(session.id())) break;
                    boolean waits = node.state
                            .session(earlier)
                            .filter(other -> other.state() instanceof Reserved)
                            .isPresent();
                    assertThat(waits).as("first come, first served").isFalse();
                }
        }

        private void checkEnd(Session session) {
            String word = session.state().word();
            if (word.equals("ready") || word.equals("ended")) settled.add(session.id());
            if (session.state() instanceof Ended ended) {
                Ended before = ends.putIfAbsent(session.id(), ended);
                if (before != null) assertThat(ended).as("an end is final").isEqualTo(before);
            } else assertThat(ends).as("an end is final").doesNotContainKey(session.id());
        }
    }
}
