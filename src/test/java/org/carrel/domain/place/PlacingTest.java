package org.carrel.domain.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.End;
import org.junit.jupiter.api.Test;

class PlacingTest {
    private static final Wish WISH = Wish.of(Machines.key("ada"), Machines.DEMAND);
    private final Cluster cluster = new Cluster(8, 8, 8, 8, 8);

    @Test
    void a_session_is_placed_on_the_least_filled_of_the_first_three_candidates() {
        List<NodeName> order = cluster.roster.candidates(WISH);
        cluster.begin(order.get(0), "x1");
        cluster.begin(order.get(0), "x2");
        cluster.begin(order.get(1), "x3");
        cluster.begin(order.get(2), "x4");
        cluster.begin(order.get(2), "x5");
        Outcome.Placed placed = cluster.click("ada", "c").run().placed();
        assertThat(placed.node()).isEqualTo(order.get(1));
        assertThat(placed.isNew()).isTrue();
        assertThat(cluster.live(WISH.key())).isEqualTo(1);
    }

    @Test
    void when_the_first_three_are_full_the_next_three_are_taken() {
        List<NodeName> order = cluster.roster.candidates(WISH);
        cluster.fill(order.get(0).value(), order.get(1).value(), order.get(2).value());
        assertThat(cluster.click("ada", "c").run().placed().node()).isIn(order.get(3), order.get(4));
    }

    @Test
    void a_live_session_is_found_wherever_it_is() {
        NodeName last = cluster.roster.candidates(WISH).getLast();
        var session = cluster.begin(last, "ada").orElseThrow();
        Outcome.Placed placed = cluster.click("ada", "c").run().placed();
        assertThat(placed).isEqualTo(new Outcome.Placed(last, session, false));
    }

    @Test
    void a_draining_node_is_asked_for_the_key_all_the_same() {
        NodeName last = cluster.roster.candidates(WISH).getLast();
        cluster.begin(last, "ada");
        cluster.on(last, new NodeEvent.Drain(true));
        cluster.replace(Machines.draining(Machines.member(last.value(), 8)));
        assertThat(cluster.click("ada", "c").run().placed().node()).isEqualTo(last);
    }

    @Test
    void of_two_clicks_at_two_gateways_the_second_finds_what_the_first_began() {
        Cluster.Click first = cluster.click("ada", "c1");
        Cluster.Click second = cluster.click("ada", "c2");
        first.carryOne();
        second.carryAll();
        first.run();
        second.run();
        assertThat(second.placed().session().id())
                .isEqualTo(first.placed().session().id());
        assertThat(cluster.live(WISH.key())).isEqualTo(1);
    }

    @Test
    void without_a_common_registrar_two_clicks_still_begin_one_session() {
        // the two gateways know different members, and so different registrars
        NodeName registrar = cluster.registrarOf("ada");
        Cluster.Click first = cluster.click("ada", "c1");
        cluster.replace(Machines.since(Machines.member(registrar.value(), 8), cluster.now));
        Cluster.Click second = cluster.click("ada", "c2");
        // call by call, in turns
        for (int i = 0; i < 400; i++) {
            for (Cluster.Click click : List.of(first, second)) {
                if (!click.out.isEmpty()) click.carryOne();
                else click.on(new PlacingEvent.Tick());
            }
            cluster.now = cluster.now.plusMillis(5);
        }
        assertThat(first.placed().session().id())
                .isEqualTo(second.placed().session().id());
        assertThat(cluster.live(WISH.key())).isEqualTo(1);
    }

    @Test
    void where_another_registrar_gave_a_turn_lately_every_silent_node_may_be_the_holder() {
        NodeName holder = cluster.click("ada", "c1").run().placed().node();
        NodeName registrar = cluster.registrarOf("ada");
        // news of the session has not come, and this gateway has another registrar
        cluster.replace(Machines.since(Machines.member(registrar.value(), 8), cluster.now));
        cluster.silent.add(holder);
        Cluster.Click second = cluster.click("ada", "c2").runFor(Duration.ofSeconds(5));
        assertThat(second.stage()).isEqualTo(new Stage.HolderSilent(List.of(holder)));
        assertThat(cluster.live(WISH.key())).isEqualTo(1);
        cluster.silent.clear();
        assertThat(second.runFor(Duration.ofSeconds(1)).placed().isNew()).isFalse();
    }

    @Test
    void when_most_of_those_who_are_thought_to_answer_do_not_nothing_is_begun() {
        Cluster three = new Cluster(8, 8, 8);
        NodeName heard = three.registrarOf("ada");
        three.nodes.keySet().stream().filter(node -> !node.equals(heard)).forEach(three.silent::add);
        Cluster.Click click = three.click("ada", "c").runFor(Duration.ofSeconds(5));
        assertThat(click.stage())
                .isEqualTo(new Stage.HolderSilent(List.copyOf(three.silent).stream()
                        .sorted(Comparator.comparing(NodeName::value))
                        .toList()));
        for (NodeName node : three.silent)
            three.replace(Machines.reach(Machines.member(node.value(), 8), Member.Reach.SUSPECT));
        click.on(new PlacingEvent.Members(three.roster));
        assertThat(click.runFor(Duration.ofSeconds(2)).placed().node()).isEqualTo(heard);
    }

    @Test
    void a_silent_node_that_is_said_to_hold_the_key_is_waited_for() {
        NodeName holder = new NodeName("n3");
        cluster.begin(holder, "ada");
        cluster.replace(
                Machines.holding(Machines.reach(Machines.member("n3", 8), Member.Reach.UNREACHABLE), WISH.key()));
        cluster.silent.add(holder);
        Cluster.Click click = cluster.click("ada", "c").runFor(Duration.ofSeconds(5));
        assertThat(click.stage()).isEqualTo(new Stage.HolderSilent(List.of(holder)));
        cluster.silent.clear();
        assertThat(click.runFor(Duration.ofSeconds(1)).placed().node()).isEqualTo(holder);
    }

    @Test
    void the_user_may_say_elsewhere() {
        NodeName holder = new NodeName("n3");
        cluster.replace(
                Machines.holding(Machines.reach(Machines.member("n3", 8), Member.Reach.UNREACHABLE), WISH.key()));
        cluster.silent.add(holder);
        Cluster.Click click = cluster.click("ada", "c").runFor(Duration.ofSeconds(5));
        click.on(new PlacingEvent.Elsewhere());
        assertThat(click.runFor(Duration.ofSeconds(1)).placed().node()).isNotEqualTo(holder);
    }

    @Test
    void a_silent_node_that_nobody_thinks_a_holder_delays_but_does_not_stop() {
        cluster.silent.add(notRegistrar());
        assertThat(cluster.click("ada", "c")
                        .runFor(Duration.ofSeconds(1))
                        .placed()
                        .isNew())
                .isTrue();
    }

    @Test
    void machines_that_answer_more_slowly_than_is_waited_for_at_first_are_waited_for_longer() {
        Cluster.Click click = cluster.click("ada", "c").runSlowly(Duration.ofMillis(700), Duration.ofSeconds(6));
        assertThat(click.placed().isNew()).isTrue();
        assertThat(cluster.live(WISH.key())).isEqualTo(1);
    }

    @Test
    void after_a_gateway_that_died_in_the_middle_every_silent_node_may_be_the_holder() {
        cluster.click("ada", "c1").carryAll();
        NodeName silent = notRegistrar();
        cluster.silent.add(silent);
        Cluster.Click second = cluster.click("ada", "c2").runFor(Duration.ofSeconds(5));
        if (cluster.live(WISH.key()) == 0)
            assertThat(second.stage()).isEqualTo(new Stage.HolderSilent(List.of(silent)));
    }

    @Test
    void a_reservation_without_an_answer_keeps_everybody_else_from_being_asked() {
        Cluster.Click click = cluster.click("ada", "c");
        while (!(click.out.peek() instanceof Placing.Send(var to, PeerCall.Reserve reserve))) click.carryOne();
        NodeName at = click.out.peek().to();
        cluster.deaf.add(at);
        click.runFor(Duration.ofSeconds(6));
        assertThat(click.stage()).isEqualTo(new Stage.HolderSilent(List.of(at)));
        assertThat(reserved()).containsExactly(at);
        cluster.deaf.clear();
        assertThat(click.runFor(Duration.ofSeconds(1)).placed().node()).isEqualTo(at);
        assertThat(cluster.live(WISH.key())).isEqualTo(1);
    }

    @Test
    void a_node_that_restarts_between_look_and_reservation_is_looked_at_again() {
        Cluster.Click click = cluster.click("ada", "c");
        while (!(click.out.peek() instanceof Placing.Send(var to, PeerCall.Reserve reserve))) click.carryOne();
        cluster.restart(click.out.peek().to().value());
        click.run();
        assertThat(click.placed().isNew()).isTrue();
        assertThat(cluster.live(WISH.key())).isEqualTo(1);
    }

    @Test
    void when_all_are_full_the_user_waits_in_line_and_sees_the_place() {
        cluster.fill("n1", "n2", "n3", "n4", "n5");
        Cluster.Click ada = cluster.click("ada", "c1").runFor(Duration.ofSeconds(1));
        Cluster.Click ben = cluster.click("ben", "c2");
        ben.runFor(Duration.ofMillis(200));
        assertThat(ada.stage()).isEqualTo(new Stage.InLine(1));
        assertThat(ben.stage()).isEqualTo(new Stage.InLine(2));
        cluster.end("n4");
        ben.runFor(Duration.ofMillis(300));
        ada.runFor(Duration.ofMillis(500));
        assertThat(ada.placed().node()).isEqualTo(new NodeName("n4"));
        ben.runFor(Duration.ofMillis(500));
        assertThat(ben.stage()).isEqualTo(new Stage.InLine(1));
    }

    @Test
    void news_of_room_makes_who_waits_look_at_once() {
        cluster.fill("n1", "n2", "n3", "n4", "n5");
        for (int i = 1; i <= 5; i++)
            cluster.replace(new Member(
                    new NodeName("n" + i),
                    Member.Reach.UP,
                    Machines.LONG_AGO,
                    false,
                    Set.of(Machines.DESK),
                    java.util.Map.of(),
                    Machines.load(8, 8),
                    Optional.of(Set.of())));
        Cluster.Click click = cluster.click("ada", "c").run();
        cluster.end("n2");
        cluster.replace(Machines.member("n2", 8));
        click.on(new PlacingEvent.Members(cluster.roster));
        click.carryAll();
        assertThat(click.placed().node()).isEqualTo(new NodeName("n2"));
    }

    @Test
    void who_is_not_heard_of_any_more_loses_the_ticket() {
        cluster.fill("n1", "n2", "n3", "n4", "n5");
        Cluster.Click click = cluster.click("ada", "c").runFor(Duration.ofSeconds(40));
        click.on(new PlacingEvent.Renew());
        click.runFor(Duration.ofSeconds(59));
        assertThat(click.stage()).isInstanceOf(Stage.InLine.class);
        click.runFor(Duration.ofSeconds(2));
        assertThat(((Stage.Over) click.stage()).outcome()).isInstanceOf(Outcome.GivenUp.class);
        assertThat(click.placing.isDone()).isTrue();
    }

    @Test
    void calling_off_at_any_step_leaves_nothing_behind() {
        for (int steps = 0; steps < 30; steps++) {
            Cluster fresh = new Cluster(8, 8, 8);
            Cluster.Click click = fresh.click("ada", "c");
            for (int i = 0; i < steps && !click.out.isEmpty(); i++) click.carryOne();
            click.on(new PlacingEvent.Cancel());
            boolean wasPlaced = ((Stage.Over) click.stage()).outcome() instanceof Outcome.Placed;
            click.runFor(Duration.ofSeconds(1));
            if (!wasPlaced)
                for (var state : fresh.nodes.values())
                    for (var session : state.sessions())
                        fresh.on(session.node(), new NodeEvent.NotLaunched(session.id(), new End.Lost("test")));
            assertThat(fresh.live(WISH.key())).as("after %d calls", steps).isEqualTo(wasPlaced ? 1 : 0);
            assertThat(click.placing.isDone()).isTrue();
        }
    }

    @Test
    void a_turn_that_comes_after_the_click_was_called_off_is_given_back() {
        Cluster.Click click = cluster.click("ada", "c1");
        click.on(new PlacingEvent.Cancel());
        click.runFor(Duration.ofMillis(300));
        assertThat(click.placing.isDone()).isTrue();
        assertThat(cluster.click("ada", "c2").run().placed().isNew()).isTrue();
        assertThat(Duration.between(Machines.NOW, cluster.now)).isLessThan(Registrar.TURN_LIFE);
    }

    @Test
    void the_request_of_a_cancelled_click_begins_nothing_later() {
        Cluster.Click click = cluster.click("ada", "c");
        while (!(click.out.peek() instanceof Placing.Send(var to, PeerCall.Reserve reserve))) click.carryOne();
        Placing.Send late = click.out.remove();
        click.on(new PlacingEvent.Cancel());
        click.carryAll();
        cluster.reply(late);
        assertThat(cluster.live(WISH.key())).isZero();
    }

    @Test
    void a_reservation_that_comes_twice_begins_nothing_where_it_was_refused_first() {
        Cluster.Click click = cluster.click("ada", "c");
        while (!(click.out.peek() instanceof Placing.Send(var to, PeerCall.Reserve reserve))) click.carryOne();
        Placing.Send late = click.out.peek();
        cluster.fill(late.to().value()); // since it was looked at
        assertThat(click.run().placed().node()).isNotEqualTo(late.to());
        cluster.end(late.to().value());
        cluster.reply(late);
        assertThat(cluster.live(WISH.key())).isEqualTo(1);
    }

    @Test
    void a_full_home_is_waited_for_and_a_home_that_is_away_is_named() {
        NodeName home = new NodeName("n2");
        Wish local = WISH.with(new Home.Local(Optional.of(home)));
        cluster.fill("n2");
        Cluster.Click waiting = cluster.click(local, "c1").runFor(Duration.ofSeconds(1));
        assertThat(waiting.stage()).isEqualTo(new Stage.InLine(1));
        cluster.replace(Machines.reach(Machines.member("n2", 8), Member.Reach.UNREACHABLE));
        cluster.silent.add(home);
        Wish another = Wish.of(Machines.key("ben"), Machines.DEMAND).with(new Home.Local(Optional.of(home)));
        Cluster.Click away = cluster.click(another, "c2").runFor(Duration.ofSeconds(1));
        assertThat(away.stage()).isEqualTo(new Stage.HomeAway(home, "does not answer"));
    }

    @Test
    void the_first_session_with_local_homes_makes_the_home() {
        Wish local = WISH.with(new Home.Local(Optional.empty()));
        NodeName home = cluster.roster.newHome(local).orElseThrow();
        assertThat(cluster.click(local, "c").run().placed().node()).isEqualTo(home);
    }

    @Test
    void when_no_node_can_run_the_app_the_user_is_told_why() {
        for (int i = 1; i <= 5; i++) cluster.replace(Machines.apps(Machines.member("n" + i, 8), Set.of()));
        assertThat(cluster.click("ada", "c").run().stage())
                .isInstanceOfSatisfying(
                        Stage.Over.class,
                        over -> assertThat(((Outcome.Nowhere) over.outcome()).why())
                                .contains("n1 does not have desk"));
    }

    @Test
    void above_fifty_nodes_candidates_are_asked_three_by_three() {
        int[] sizes = new int[51];
        java.util.Arrays.fill(sizes, 2);
        Cluster large = new Cluster(sizes);
        List<NodeName> order = large.roster.candidates(WISH);
        for (NodeName full : order.subList(0, 6)) large.fill(full.value());
        assertThat(large.click("ada", "c")
                        .runFor(Duration.ofSeconds(1))
                        .placed()
                        .node())
                .isIn(order.subList(6, 9));
        assertThat(large.calls.stream()
                        .filter(send -> send.call() instanceof PeerCall.Look)
                        .map(Placing.Send::to)
                        .distinct())
                .hasSize(9);
    }

    private NodeName notRegistrar() {
        return cluster.roster.members().stream()
                .map(Member::name)
                .filter(name -> !name.equals(cluster.registrarOf("ada")))
                .findFirst()
                .orElseThrow();
    }

    private Set<NodeName> reserved() {
        return cluster.calls.stream()
                .filter(send -> send.call() instanceof PeerCall.Reserve)
                .map(Placing.Send::to)
                .collect(java.util.stream.Collectors.toSet());
    }
}
