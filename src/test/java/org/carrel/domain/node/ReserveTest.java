package org.carrel.domain.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.node.NodeAnswer.Report;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.junit.jupiter.api.Test;

/// What a node answers to other nodes that place sessions on it.
class ReserveTest {
    private static final NodeName REGISTRAR = new NodeName("n9");
    private final NodeDesk node = new NodeDesk(4, 10, 2);
    private int ids = 1000;

    @Test
    void a_look_tells_how_full_the_node_is_and_who_holds_the_key() {
        SessionId id = node.ready("ada", "desk");
        Report report = look("ada", 1);
        assertThat(report.holds()).contains(node.session(id));
        assertThat(report.load().live()).isEqualTo(1);
        assertThat(report.load().committed()).isEqualTo(new Resources(1000, NodeDesk.GIB));
        assertThat(report.epoch()).isEqualTo(NodeDesk.EPOCH);
        assertThat(look("ben", 1).holds()).isEmpty();
    }

    @Test
    void a_reservation_after_a_look_is_granted_and_again_the_same() {
        look("ada", 1);
        Session first = granted(reserve("ada", "click", 1));
        assertThat(reserve("ada", "click", 1)).isEqualTo(new NodeAnswer.Granted(first));
        assertThat(node.state.live()).isEqualTo(1);
    }

    @Test
    void another_request_for_the_key_finds_the_session_whatever_its_turn() {
        look("ada", 5);
        Session first = granted(reserve("ada", "click", 5));
        assertThat(reserve("ada", "second", 1)).isEqualTo(new NodeAnswer.Existing(first));
    }

    @Test
    void who_holds_an_earlier_turn_than_one_that_was_seen_begins_nothing() {
        look("ada", 1);
        look("ada", 2);
        assertThat(reserve("ada", "click", 1)).isEqualTo(new NodeAnswer.Superseded(turn(2)));
        assertThat(reserve("ada", "other", 2)).isInstanceOf(NodeAnswer.Granted.class);
    }

    @Test
    void who_asks_learns_that_another_asked_by_a_registrar_of_its_own() {
        assertThat(lookBy("a", new Turn(1, REGISTRAR, 1)).contested()).isFalse();
        // the registrar of both knows what came of it, and an asker knows what it asked itself
        assertThat(lookBy("b", new Turn(2, REGISTRAR, 1)).contested()).isFalse();
        assertThat(lookBy("b", new Turn(3, REGISTRAR, 2)).contested()).isTrue();
        assertThat(lookBy("b", new Turn(4, REGISTRAR, 2)).contested()).isTrue();
        node.now = node.now.plus(Turns.KEPT);
        assertThat(lookBy("b", new Turn(5, REGISTRAR, 3)).contested()).isFalse();
        assertThat(lookBy("b", new Turn(6, new NodeName("other"), 3)).contested())
                .isFalse();
        assertThat(lookBy("c", new Turn(7, REGISTRAR, 3)).contested()).isTrue();
    }

    @Test
    void so_many_askers_of_a_key_are_remembered_and_no_more() {
        for (int i = 0; i < 3 * Turns.ASKERS_MOST; i++) lookBy("a" + i, new Turn(1 + i, REGISTRAR, 1));
        assertThat(node.state.turns.seen().get(key("ada")).asked()).hasSize(Turns.ASKERS_MOST);
    }

    @Test
    void a_look_with_an_earlier_turn_learns_of_the_later_one_and_does_not_undo_it() {
        look("ada", 2);
        assertThat(look("ada", 1).later()).contains(turn(2));
        assertThat(reserve("ada", "click", 1)).isInstanceOf(NodeAnswer.Superseded.class);
    }

    @Test
    void turns_of_other_keys_do_not_matter() {
        look("ben", 7);
        look("ada", 1);
        assertThat(reserve("ada", "click", 1)).isInstanceOf(NodeAnswer.Granted.class);
    }

    @Test
    void a_reservation_on_what_the_node_said_before_it_restarted_begins_nothing() {
        long before = look("ada", 1).epoch();
        node.state = NodeState.adopting(NodeDesk.rules(4, 10, 2), NodeDesk.EPOCH + 1, List.of(), node.now)
                .next();
        NodeEvent.Reserve late = new NodeEvent.Reserve(begin("ada", "click"), turn(1), before, Duration.ZERO);
        assertThat(node.on(late)).isEqualTo(new NodeAnswer.Restarted(NodeDesk.EPOCH + 1));
    }

    @Test
    void a_draining_node_says_so_and_reserves_nothing() {
        node.on(new NodeEvent.Drain(true));
        assertThat(look("ada", 1).draining()).isTrue();
        assertThat(reserve("ada", "click", 1)).isEqualTo(new NodeAnswer.Draining());
    }

    @Test
    void a_withdrawn_request_begins_nothing_any_more_and_what_it_began_is_stopped() {
        look("ada", 1);
        Session session = granted(reserve("ada", "click", 1));
        withdraw("ada", "click", NodeEvent.Extent.ALL);
        node.launched(session.id());
        assertThat(node.word(session.id())).isEqualTo("draining");
        withdraw("ben", "late", NodeEvent.Extent.UNREADY);
        assertThat(reserve("ben", "late", 1)).isEqualTo(new NodeAnswer.Withdrawn());
        Report report = (Report) node.on(ask("ben", "late", 1, Optional.empty()));
        assertThat(report.calledOff()).isTrue();
    }

    @Test
    void a_ready_session_is_stopped_by_its_users_withdrawal_only() {
        look("ada", 1);
        SessionId id = granted(reserve("ada", "click", 1)).id();
        node.launched(id);
        node.on(new NodeEvent.Answered(id));
        withdraw("ada", "click", NodeEvent.Extent.UNREADY);
        assertThat(node.word(id)).isEqualTo("ready");
        withdraw("ada", "click", NodeEvent.Extent.ALL);
        assertThat(node.word(id)).isEqualTo("draining");
    }

    @Test
    void a_withdrawal_leaves_the_session_of_another_request_alone() {
        SessionId id = node.ready("ada", "desk");
        withdraw("ada", "second-click", NodeEvent.Extent.ALL);
        assertThat(node.word(id)).isEqualTo("ready");
    }

    @Test
    void room_goes_to_who_has_waited_longest() {
        List<SessionId> full = fill();
        waits("ada", Duration.ofSeconds(9));
        waits("ben", Duration.ofSeconds(5));
        assertThat(waits("cy", Duration.ofSeconds(7)).before()).isEqualTo(1);
        node.on(new NodeEvent.Gone(full.getFirst(), new End.Lost("test")));
        assertThat(look("dee", 1).room()).as("who just came").isFalse();
        assertThat(reserve("dee", "click", 1)).isInstanceOf(NodeAnswer.Full.class);
        assertThat(waits("cy", Duration.ofSeconds(7)).room()).isFalse();
        assertThat(waits("ada", Duration.ofSeconds(9)).room()).isTrue();
        assertThat(reserve("ada", "wait", 1, Duration.ofSeconds(9))).isInstanceOf(NodeAnswer.Granted.class);
    }

    @Test
    void room_for_several_goes_to_as_many_of_them_in_any_order() {
        List<SessionId> full = fill();
        waits("ada", Duration.ofSeconds(9));
        waits("ben", Duration.ofSeconds(5));
        full.subList(0, 2).forEach(id -> node.on(new NodeEvent.Gone(id, new End.Lost("test"))));
        assertThat(waits("ben", Duration.ofSeconds(5)).room()).isTrue();
        assertThat(reserve("ben", "wait", 1, Duration.ofSeconds(5))).isInstanceOf(NodeAnswer.Granted.class);
        assertThat(look("dee", 1).room()).as("the rest is ada's").isFalse();
    }

    @Test
    void who_does_not_ask_again_stands_in_nobodys_way_and_keeps_the_place() {
        List<SessionId> full = fill();
        waits("ada", Duration.ofSeconds(9));
        node.on(new NodeEvent.Gone(full.getFirst(), new End.Lost("test")));
        node.now = node.now.plus(Duration.ofMillis(999));
        assertThat(look("dee", 1).room()).isFalse();
        node.now = node.now.plus(Duration.ofMillis(1));
        assertThat(look("dee", 1).room()).isTrue();
        // a gateway that doesn't know how long its user has waited elsewhere
        waits("ben", Duration.ofSeconds(5));
        waits("ada", Duration.ZERO);
        assertThat(waits("ben", Duration.ofSeconds(5)).before()).isEqualTo(1);
    }

    @Test
    void room_too_small_for_those_before_may_be_used_by_those_behind() {
        List<SessionId> full = fill();
        node.demand = new Resources(1000, 3 * NodeDesk.GIB);
        waits("ada", Duration.ofSeconds(9));
        node.demand = new Resources(1000, NodeDesk.GIB);
        node.on(new NodeEvent.Gone(full.getFirst(), new End.Lost("test")));
        assertThat(look("ben", 1).room()).isTrue();
    }

    @Test
    void who_is_granted_or_withdraws_leaves_the_line() {
        List<SessionId> full = fill();
        waits("ada", Duration.ofSeconds(9));
        waits("ben", Duration.ofSeconds(8));
        withdraw("ada", "wait", NodeEvent.Extent.LINE);
        assertThat(look("cy", 1).before()).isEqualTo(1);
        node.on(new NodeEvent.Gone(full.getFirst(), new End.Lost("test")));
        reserve("ben", "wait", 1, Duration.ofSeconds(8));
        assertThat(look("cy", 1).before()).isZero();
    }

    @Test
    void two_clicks_of_one_user_take_one_place_in_line_and_none_when_the_session_is_there() {
        List<SessionId> full = fill();
        waits("ada", Duration.ofSeconds(9));
        node.on(new NodeEvent.Ask(
                key("ada"),
                node.demand,
                "again",
                "by again",
                turn(1),
                Optional.of(Duration.ofSeconds(8)),
                Duration.ofMillis(400)));
        assertThat(waits("ben", Duration.ofSeconds(5)).before()).isEqualTo(1);
        full.subList(0, 2).forEach(id -> node.on(new NodeEvent.Gone(id, new End.Lost("test"))));
        assertThat(waits("ben", Duration.ofSeconds(5)).room()).isTrue();
        reserve("ada", "wait", 1, Duration.ofSeconds(9));
        assertThat(waits("ben", Duration.ofSeconds(5)).before()).isZero();
    }

    @Test
    void who_is_served_elsewhere_has_no_other_click_in_line_and_may_come_back() {
        List<SessionId> full = fill();
        waits("ada", Duration.ofSeconds(9));
        waits("ben", Duration.ofSeconds(8));
        withdraw("ada", "another-click", NodeEvent.Extent.SERVED);
        assertThat(look("cy", 1).before()).isEqualTo(1);
        node.on(new NodeEvent.Gone(full.getFirst(), new End.Lost("test")));
        assertThat(reserve("ada", "another-click", 1, Duration.ofSeconds(9))).isInstanceOf(NodeAnswer.Granted.class);
    }

    @Test
    void who_only_leaves_the_line_may_come_back() {
        SessionId id = granted(reserve("ada", "click", 1)).id();
        withdraw("ada", "click", NodeEvent.Extent.LINE);
        assertThat(node.word(id)).isEqualTo("starting");
        withdraw("ben", "click", NodeEvent.Extent.LINE);
        assertThat(reserve("ben", "click", 1)).isInstanceOf(NodeAnswer.Granted.class);
    }

    @Test
    void what_is_remembered_is_bounded() {
        for (int i = 0; i < Turns.KEYS_MOST + 100; i++) {
            look("u" + i, 1);
            waits("u" + i, Duration.ofSeconds(1));
            withdraw("u" + i, "gone", NodeEvent.Extent.ALL);
        }
        assertThat(node.state.turns.seen()).hasSize(Turns.KEYS_MOST);
        assertThat(node.state.line.waiters()).hasSize(Line.MOST);
        assertThat(node.state.withdrawn).hasSize(NodeState.ONCE_MOST);
    }

    private List<SessionId> fill() {
        return List.of("e1", "e2", "e3", "e4").stream()
                .map(user -> node.ready(user, "desk"))
                .toList();
    }

    private Report waits(String user, Duration waited) {
        return (Report) node.on(ask(user, "wait", 1, Optional.of(waited)));
    }

    private Report look(String user, long turn) {
        return (Report) node.on(ask(user, "click", turn, Optional.empty()));
    }

    private Report lookBy(String asker, Turn turn) {
        return (Report) node.on(new NodeEvent.Ask(
                key("ada"), node.demand, "click", asker, turn, Optional.empty(), Duration.ofMillis(400)));
    }

    private NodeEvent.Ask ask(String user, String once, long turn, Optional<Duration> waited) {
        return new NodeEvent.Ask(
                key(user), node.demand, once, "by " + once, turn(turn), waited, Duration.ofMillis(400));
    }

    private NodeAnswer reserve(String user, String once, long turn) {
        return reserve(user, once, turn, Duration.ZERO);
    }

    private NodeAnswer reserve(String user, String once, long turn, Duration waited) {
        return node.on(new NodeEvent.Reserve(begin(user, once), turn(turn), NodeDesk.EPOCH, waited));
    }

    private NodeEvent.Begin begin(String user, String once) {
        return new NodeEvent.Begin(key(user), NodeDesk.app("desk", node.demand), NodeDesk.id(ids++), once);
    }

    private void withdraw(String user, String once, NodeEvent.Extent extent) {
        assertThat(node.on(new NodeEvent.Withdraw(key(user), once, extent, new End.Stopped(user))))
                .isEqualTo(new NodeAnswer.Withdrawn());
    }

    private static Session granted(NodeAnswer answer) {
        return ((NodeAnswer.Granted) answer).session();
    }

    private static SessionKey key(String user) {
        return NodeDesk.key(user, "desk");
    }

    private static Turn turn(long number) {
        return new Turn(number, REGISTRAR, 1);
    }
}
