package org.carrel.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.place.PlaceLab.key;
import static org.carrel.place.PlaceLab.now;
import static org.carrel.place.PlaceLab.waiting;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Stage;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.OtherNode;
import org.carrel.port.Start;
import org.carrel.support.Await;
import org.junit.jupiter.api.Test;

class PlacementsTest {
    private static Session begun(Begun answer) {
        assertThat(answer).isInstanceOf(Begun.Granted.class);
        return ((Begun.Granted) answer).session();
    }

    private static Stage waits(Begun answer) {
        assertThat(answer).isInstanceOf(Begun.Waiting.class);
        return ((Begun.Waiting) answer).why();
    }

    @Test
    void sessions_are_spread_whichever_gateway_is_asked() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 10, 10)) {
            for (int user = 0; user < 12; user++) {
                begun(lab.node(1 + user % 2).placements.start(now("user" + user, "r" + user)));
                lab.gossip();
            }
            for (PlaceLab.Node node : lab.nodes)
                assertThat(node.live()).as(node.name.value()).hasSize(4);
        }
    }

    @Test
    void a_key_that_is_asked_for_at_all_gateways_at_once_begins_once() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 10, 10);
                ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Begun>> answers = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                PlaceLab.Node at = lab.node(1 + i % 3);
                String ticket = "r" + i;
                answers.add(many.submit(() -> at.placements.start(now("ada", ticket))));
            }
            int granted = 0;
            for (Future<Begun> answer : answers) if (answer.get() instanceof Begun.Granted) granted++;
            assertThat(granted).isEqualTo(1);
            assertThat(lab.live()).hasSize(1);
        }
    }

    @Test
    void the_same_request_at_another_gateway_finds_what_it_has_begun() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 10)) {
            Session first = begun(lab.node(1).placements.start(now("ada", "r")));
            Begun again = lab.node(2).placements.start(now("ada", "r"));
            assertThat(again).isInstanceOf(Begun.Existing.class);
            assertThat(((Begun.Existing) again).session().id()).isEqualTo(first.id());
        }
    }

    @Test
    void without_room_who_does_not_wait_is_told_what_is_missing_and_leaves_nothing_behind() throws Exception {
        try (PlaceLab lab = new PlaceLab(1, 0)) {
            Session first = begun(lab.node(1).placements.start(now("ada", "a")));
            lab.gossip();
            Begun answer = lab.node(2).placements.start(now("ben", "b"));
            assertThat(answer).isInstanceOf(Begun.Full.class);
            assertThat(((Begun.Full) answer).shortage()).contains("n1 has all 1 places taken");
            lab.node(1).end(first.id());
            Await.until("it is over", () -> lab.node(2).placements.size() == 0);
            assertThat(lab.live()).isEmpty();
        }
    }

    @Test
    void who_waits_is_told_the_place_in_line_and_begins_when_there_is_room() throws Exception {
        try (PlaceLab lab = new PlaceLab(1, 0)) {
            Session first = begun(lab.node(1).placements.start(now("ada", "a")));
            lab.gossip();
            assertThat(waits(lab.node(2).placements.start(waiting("ben", "b")))).isEqualTo(new Stage.InLine(1));
            // the first one stands in line before the second asks
            Await.until(
                    "ben stands in line",
                    () -> lab.node(1)
                            .placements
                            .start(waiting("cleo", "c"))
                            .equals(new Begun.Waiting(new Stage.InLine(2), Duration.ofSeconds(2))));
            lab.node(1).end(first.id());
            Await.until(
                    "ben has begun",
                    () -> lab.node(2).placements.start(waiting("ben", "b")) instanceof Begun.Granted
                            || lab.live().stream().anyMatch(it -> it.key().equals(key("ben"))));
            assertThat(lab.live()).extracting(Session::key).containsExactly(key("ben"));
        }
    }

    @Test
    void who_calls_it_off_begins_nothing() throws Exception {
        try (PlaceLab lab = new PlaceLab(1)) {
            Session first = begun(lab.node(1).placements.start(now("ada", "a")));
            waits(lab.node(1).placements.start(waiting("ben", "b")));
            lab.node(1).placements.callOff(key("ben"), new RequestId("b"));
            Await.until("it is over", () -> lab.node(1).placements.size() == 0);
            lab.node(1).end(first.id());
            assertThat(lab.live()).isEmpty();
        }
    }

    @Test
    void a_silent_machine_that_may_have_the_session_is_waited_for_until_the_user_says_elsewhere() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 10)) {
            Start on2 = new Start(key("ada"), new RequestId("a"), Optional.of(new NodeName("n2")), false, false);
            assertThat(begun(lab.node(1).placements.start(on2)).node().value()).isEqualTo("n2");
            lab.gossip();
            lab.node(2).silent = true;
            lab.node(2).seen = OtherNode.State.UNREACHABLE;
            lab.gossip();
            assertThat(waits(lab.node(1).placements.start(waiting("ada", "b"))))
                    .isEqualTo(new Stage.HolderSilent(List.of(new NodeName("n2"))));
            assertThat(lab.node(1).live()).isEmpty();
            Begun.Full refused = (Begun.Full) lab.node(1).placements.start(now("ada", "c"));
            assertThat(refused.shortage()).contains("n2 may have this session");
            Start elsewhere = new Start(key("ada"), new RequestId("b"), Optional.empty(), true, true);
            assertThat(begun(lab.node(1).placements.start(elsewhere)).node().value())
                    .isEqualTo("n1");
        }
    }

    @Test
    void machines_that_do_not_answer_are_not_called_full() throws Exception {
        try (PlaceLab lab = new PlaceLab(0, 10)) {
            lab.node(2).silent = true;
            Begun answer = lab.node(1).placements.start(waiting("ada", "a"));
            assertThat(waits(answer)).isEqualTo(new Stage.Looking());
            lab.node(2).silent = false;
            Await.until("it has begun", () -> lab.live().size() == 1);
        }
    }

    @Test
    void another_users_session_begins_while_a_machine_is_silent() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 10)) {
            lab.node(2).silent = true;
            lab.node(2).seen = OtherNode.State.SUSPECT;
            lab.gossip();
            assertThat(begun(lab.node(1).placements.start(now("ada", "a")))
                            .node()
                            .value())
                    .isEqualTo("n1");
        }
    }

    @Test
    void the_chosen_machine_is_taken_or_none() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 1)) {
            for (String user : List.of("ada", "ben")) {
                Begun answer = lab.node(1)
                        .placements
                        .start(new Start(
                                key(user), new RequestId(user), Optional.of(new NodeName("n2")), false, false));
                if (user.equals("ada")) assertThat(begun(answer).node().value()).isEqualTo("n2");
                else assertThat(answer).isInstanceOf(Begun.Full.class);
            }
            Begun nowhere = lab.node(1)
                    .placements
                    .start(new Start(key("cleo"), new RequestId("c"), Optional.of(new NodeName("n9")), false, false));
            assertThat(nowhere).isInstanceOf(Begun.Impossible.class);
            assertThat(((Begun.Impossible) nowhere).why()).contains("is not the machine that was chosen");
        }
    }

    @Test
    void what_stands_in_the_way_on_every_machine_is_said_and_not_waited_for() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 10)) {
            lab.node(1).obstacle = Optional.of("the disk of n1 is full; make room");
            begun(lab.node(1).placements.start(now("ada", "a")));
            assertThat(lab.node(2).live()).hasSize(1);
            lab.node(2).obstacle = Optional.of("the disk of n2 is full; make room");
            Begun answer = lab.node(1).placements.start(waiting("ben", "b"));
            assertThat(answer).isInstanceOf(Begun.Impossible.class);
            assertThat(((Begun.Impossible) answer).why()).endsWith("is full; make room");
        }
    }

    @Test
    void nothing_begins_where_all_are_drained() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 10)) {
            lab.nodes.forEach(PlaceLab.Node::drain);
            lab.gossip();
            assertThat(lab.node(1).placements.start(now("ada", "a"))).isEqualTo(new Begun.Draining());
        }
    }

    @Test
    void nothing_begins_before_the_other_members_are_known() throws Exception {
        try (PlaceLab lab = new PlaceLab(10)) {
            lab.node(1).joined = false;
            assertThat(waits(lab.node(1).placements.start(waiting("ada", "a")))).isEqualTo(new Stage.Looking());
            assertThat(lab.live()).isEmpty();
            lab.node(1).joined = true;
            Await.until("it begins", () -> lab.live().size() == 1);
        }
    }

    @Test
    void who_does_not_wait_is_answered_when_the_node_has_joined() throws Exception {
        try (PlaceLab lab = new PlaceLab(10);
                ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
            lab.node(1).joined = false;
            Future<Begun> answer = users.submit(() -> lab.node(1).placements.start(now("ada", "a")));
            Await.until("it is asked for", () -> lab.node(1).placements.size() == 1);
            lab.node(1).joined = true;
            begun(answer.get());
        }
    }

    @Test
    void an_app_that_was_just_added_begins_at_once() throws Exception {
        try (PlaceLab lab = new PlaceLab(10)) {
            lab.apps = List.of();
            assertThat(lab.node(1).placements.start(now("ada", "a"))).isInstanceOf(Begun.Impossible.class);
            lab.apps = List.of(PlaceLab.APP);
            begun(lab.node(1).placements.start(now("ada", "b")));
        }
    }

    @Test
    void an_app_that_needs_a_label_begins_where_it_is() throws Exception {
        try (PlaceLab lab = new PlaceLab(10, 10, 10)) {
            lab.apps = List.of(PlaceLab.APP.needing(Map.of("gpu", "yes")));
            Begun nowhere = lab.node(1).placements.start(now("ada", "a"));
            assertThat(((Begun.Impossible) nowhere).why()).contains("n1 is not gpu=yes");
            lab.node(3).labels = Map.of("gpu", "yes");
            lab.gossip();
            assertThat(begun(lab.node(1).placements.start(now("ada", "b")))
                            .node()
                            .value())
                    .isEqualTo("n3");
        }
    }

    @Test
    void an_app_that_is_not_there_is_said() throws Exception {
        try (PlaceLab lab = new PlaceLab(10)) {
            SessionKey unknown = new SessionKey(key("ada").owner(), new AppId("what"), "default");
            assertThat(lab.node(1).placements.start(Start.now(unknown, new RequestId("r"))))
                    .isInstanceOf(Begun.Impossible.class);
        }
    }
}
