package org.carrel.domain.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Draining;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.domain.session.SessionState.Reserved;
import org.carrel.domain.session.SessionState.Starting;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.api.Test;

class NodeStateTest {
    private final NodeDesk node = new NodeDesk(4, 10, 2);

    @Test
    void a_begun_session_starts_at_once_when_the_gate_is_open() {
        SessionId id = node.granted("ada", "desk");
        assertThat(node.session(id).state()).isInstanceOf(Starting.class);
        assertThat(node.takeEffects())
                .containsExactly(new NodeEffect.Launch(node.session(id), NodeDesk.app("desk", node.demand)));
    }

    @Test
    void a_launched_session_is_probed_and_is_ready_when_it_answers() {
        SessionId id = node.granted("ada", "desk");
        node.launched(id);
        assertThat(node.takeEffects()).contains(new NodeEffect.Probe(node.session(id), NodeDesk.workload(id)));
        node.on(new NodeEvent.Answered(id));
        assertThat(node.session(id).state()).isEqualTo(new Ready(NodeDesk.workload(id)));
        assertThat(node.takeEffects()).containsExactly(new NodeEffect.Keep(node.session(id)));
    }

    @Test
    void a_key_has_one_live_session() {
        SessionId id = node.granted("ada", "desk");
        assertThat(node.begin("ada", "desk")).isEqualTo(new NodeAnswer.Existing(node.session(id)));
        assertThat(node.begin("ben", "desk")).isInstanceOf(NodeAnswer.Granted.class);
    }

    @Test
    void a_key_is_free_again_after_the_end() {
        SessionId id = node.ready("ada", "desk");
        node.on(new NodeEvent.Gone(id, new End.Lost("test")));
        assertThat(node.begin("ada", "desk")).isInstanceOf(NodeAnswer.Granted.class);
    }

    @Test
    void the_same_request_gets_the_same_session_even_after_its_end() {
        NodeAnswer first = node.begin("ada", "desk", "click");
        SessionId id = ((NodeAnswer.Granted) first).session().id();
        node.on(new NodeEvent.NotLaunched(id, NodeDesk.FAILED));
        assertThat(node.begin("ada", "desk", "click")).isEqualTo(new NodeAnswer.Granted(node.session(id)));
    }

    @Test
    void another_users_request_id_finds_nothing() {
        node.begin("ada", "desk", "click");
        assertThat(node.begin("ben", "desk", "click"))
                .isInstanceOfSatisfying(
                        NodeAnswer.Granted.class,
                        granted -> assertThat(granted.session().owner()).isEqualTo(new UserId("ben")));
    }

    @Test
    void a_full_node_says_what_is_missing_and_how_much_there_is() {
        for (String user : List.of("ada", "ben", "cy", "dee")) node.granted(user, "desk");
        assertThat(node.begin("eve", "desk"))
                .isInstanceOfSatisfying(
                        NodeAnswer.Full.class,
                        full -> assertThat(full.shortage())
                                .startsWith("n1 is full: 1.0 GiB of memory is needed and 0 MiB of 4.0 GiB is free"));
    }

    @Test
    void places_for_sessions_and_cores_run_out_too() {
        NodeDesk two = new NodeDesk(8, 2, 2);
        two.granted("ada", "desk");
        two.granted("ben", "desk");
        assertThat(((NodeAnswer.Full) two.begin("cy", "desk")).shortage()).contains("all 2 places");
        NodeDesk cores = new NodeDesk(8, 20, 2);
        cores.demand = new Resources(5000, NodeDesk.GIB);
        cores.granted("ada", "desk");
        assertThat(((NodeAnswer.Full) cores.begin("ben", "desk")).shortage())
                .contains("5 cores is needed and 3 cores of 8 cores is free");
    }

    @Test
    void what_would_never_fit_is_impossible_rather_than_full() {
        node.demand = new Resources(1000, 16 * NodeDesk.GIB);
        assertThat(node.begin("ada", "desk"))
                .isInstanceOfSatisfying(
                        NodeAnswer.Impossible.class,
                        no -> assertThat(no.why()).contains("16.0 GiB", "4.0 GiB", "raise node.capacity"));
    }

    @Test
    void only_so_many_start_at_once_and_the_others_see_their_place_in_line() {
        node.granted("ada", "desk");
        node.granted("ben", "desk");
        SessionId third = node.granted("cy", "desk");
        SessionId fourth = node.granted("dee", "desk");
        assertThat(((Reserved) node.session(third).state()).ahead()).isZero();
        assertThat(((Reserved) node.session(fourth).state()).ahead()).isEqualTo(1);
    }

    @Test
    void the_line_moves_in_order_when_a_start_is_done() {
        SessionId first = node.granted("ada", "desk");
        node.granted("ben", "desk");
        SessionId third = node.granted("cy", "desk");
        SessionId fourth = node.granted("dee", "desk");
        node.launched(first);
        node.on(new NodeEvent.Answered(first));
        assertThat(node.word(third)).isEqualTo("starting");
        assertThat(((Reserved) node.session(fourth).state()).ahead()).isZero();
    }

    @Test
    void a_reservation_that_never_gets_its_turn_expires_and_gives_its_memory_back() {
        node.granted("ada", "desk");
        node.granted("ben", "desk");
        SessionId third = node.granted("cy", "desk");
        node.pass(Duration.ofSeconds(59));
        assertThat(node.word(third)).isEqualTo("reserved");
        // both starts would be overdue too: that is another test
        node.pass(Duration.ofSeconds(1));
        assertThat(((Ended) node.session(third).state()).end().sentence()).contains("did not come within 60 s");
        assertThat(node.state.committed()).isEqualTo(new Resources(2000, 2 * NodeDesk.GIB));
    }

    @Test
    void a_start_that_takes_too_long_is_stopped_and_counts_until_it_is_gone() {
        SessionId id = node.granted("ada", "desk");
        node.launched(id);
        node.pass(Duration.ofSeconds(90));
        assertThat(((Draining) node.session(id).state()).because().sentence()).isEqualTo("not ready in 60 s");
        assertThat(node.state.live()).isEqualTo(1);
        node.on(new NodeEvent.Gone(id, new End.Lost("test")));
        assertThat(((Ended) node.session(id).state()).end().sentence()).isEqualTo("not ready in 60 s");
        assertThat(node.state.live()).isZero();
    }

    @Test
    void a_launcher_that_never_reports_is_given_up_and_its_late_workload_discarded() {
        SessionId id = node.granted("ada", "desk");
        node.pass(Duration.ofSeconds(60));
        assertThat(node.word(id)).isEqualTo("starting");
        node.pass(Duration.ofSeconds(30));
        assertThat(node.word(id)).isEqualTo("ended");
        node.takeEffects();
        node.launched(id);
        assertThat(node.takeEffects()).containsExactly(new NodeEffect.Discard(id, NodeDesk.workload(id)));
    }

    @Test
    void a_stop_while_it_is_being_launched_waits_for_the_launch() {
        SessionId id = node.granted("ada", "desk");
        node.stop(id);
        assertThat(node.word(id)).isEqualTo("starting");
        node.launched(id);
        assertThat(((Draining) node.session(id).state()).because()).isEqualTo(new End.Stopped("ada"));
    }

    @Test
    void a_reserved_session_stops_at_once() {
        node.granted("ada", "desk");
        node.granted("ben", "desk");
        SessionId waiting = node.granted("cy", "desk");
        node.stop(waiting);
        assertThat(node.word(waiting)).isEqualTo("ended");
    }

    @Test
    void stopping_twice_stops_once_and_keeps_the_first_reason() {
        SessionId id = node.ready("ada", "desk");
        node.takeEffects();
        node.stop(id);
        node.on(new NodeEvent.Stop(id, new End.Idle("later")));
        assertThat(node.takeEffects()).hasSize(1);
        node.on(new NodeEvent.Gone(id, new End.Exited(143, List.of())));
        assertThat(((Ended) node.session(id).state()).end()).isEqualTo(new End.Stopped("ada"));
    }

    @Test
    void a_stop_without_an_end_is_asked_again_harder() {
        SessionId id = node.ready("ada", "desk");
        node.stop(id);
        node.takeEffects();
        node.pass(Duration.ofSeconds(60));
        assertThat(node.takeEffects())
                .containsExactly(new NodeEffect.Stop(node.session(id), NodeDesk.workload(id), true));
        assertThat(node.word(id)).isEqualTo("draining");
    }

    @Test
    void an_end_is_final() {
        SessionId id = node.ready("ada", "desk");
        node.on(new NodeEvent.Gone(id, new End.Exited(1, List.of())));
        var ended = node.session(id);
        node.on(new NodeEvent.Answered(id));
        node.stop(id);
        node.on(new NodeEvent.Gone(id, new End.Lost("again")));
        node.on(new NodeEvent.NeverAnswered(id, NodeDesk.FAILED));
        assertThat(node.session(id)).isEqualTo(ended);
    }

    @Test
    void an_ended_session_is_forgotten_after_a_while() {
        SessionId id = node.ready("ada", "desk");
        node.on(new NodeEvent.Gone(id, new End.Exited(0, List.of())));
        node.pass(Duration.ofMinutes(9));
        assertThat(node.state.session(id)).isPresent();
        node.takeEffects();
        node.pass(Duration.ofMinutes(1));
        assertThat(node.state.session(id)).isEmpty();
        assertThat(node.takeEffects()).containsExactly(new NodeEffect.Forget(id));
    }

    @Test
    void only_so_many_ended_sessions_are_kept() {
        for (int i = 0; i < 8; i++) node.on(new NodeEvent.Gone(node.ready("ada", "desk"), new End.Lost("test")));
        assertThat(node.state.ended()).isEqualTo(5);
    }

    @Test
    void a_draining_node_refuses_new_sessions_and_finds_the_old() {
        SessionId id = node.ready("ada", "desk");
        node.on(new NodeEvent.Drain(true));
        assertThat(node.begin("ada", "desk")).isEqualTo(new NodeAnswer.Existing(node.session(id)));
        assertThat(node.begin("ben", "desk")).isEqualTo(new NodeAnswer.Draining());
        node.on(new NodeEvent.Drain(false));
        assertThat(node.begin("ben", "desk")).isInstanceOf(NodeAnswer.Granted.class);
    }

    @Test
    void adoption_keeps_more_than_the_capacity_and_then_refuses() {
        NodeDesk before = new NodeDesk(4, 10, 4);
        List<NodeState.Adopted> found = List.of("ada", "ben", "cy").stream()
                .map(user -> new NodeState.Adopted(before.session(before.ready(user, "desk")), Duration.ofSeconds(60)))
                .toList();
        NodeState.Step step = NodeState.adopting(NodeDesk.rules(2, 10, 2), NodeDesk.EPOCH, found, before.now);
        assertThat(step.next().live()).isEqualTo(3);
        assertThat(step.effects()).isEmpty();
        node.state = step.next();
        assertThat(node.begin("dee", "desk", "r")).isInstanceOf(NodeAnswer.Full.class);
    }
}
