package org.carrel.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.node.ServiceNotes;
import org.carrel.domain.place.Member;
import org.carrel.domain.place.Roster;
import org.carrel.domain.place.Wish;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.port.NodeMetadata;
import org.carrel.port.ServiceNodes;
import org.carrel.port.Services.Step;
import org.carrel.port.Services.What;
import org.junit.jupiter.api.Test;

/// Launches over nodes in memory, each busier than the one before.
class LaunchTest {
    private static final AppId SITE = new AppId("site");
    private static final Wish WISH =
            Wish.of(new SessionKey(UserId.ofService("site"), SITE, SessionKey.DEFAULT_NAME), Resources.NONE);

    private final Nodes nodes = new Nodes();

    @Test
    void it_starts_on_the_least_busy_and_twice_nowhere() throws Exception {
        List<Step> first = launch(2);
        assertThat(first.getLast()).isEqualTo(new Step(What.DONE, Optional.empty(), "copies of site: 2"));
        assertThat(nodes.running()).containsExactlyInAnyOrder("n1", "n2");
        assertThat(launch(2)).extracting(Step::what).containsExactly(What.DONE);
        launch(3);
        assertThat(nodes.running()).containsExactlyInAnyOrder("n1", "n2", "n3");
        assertThat(launch(1)).filteredOn(step -> step.what() == What.STOPPED).hasSize(2);
        assertThat(nodes.running()).containsExactly("n1");
        launch(0);
        assertThat(nodes.running()).isEmpty();
    }

    @Test
    void where_it_cannot_start_the_next_machine_is_tried_and_the_reason_shown() throws Exception {
        nodes.failing.put(node("n1"), "its install command ended with status 7");
        List<Step> steps = launch(2);
        assertThat(steps)
                .contains(new Step(What.FAILED, Optional.of(node("n1")), "its install command ended with status 7"));
        assertThat(steps.getLast().what()).isEqualTo(What.DONE);
        assertThat(nodes.running()).containsExactlyInAnyOrder("n2", "n3");
    }

    @Test
    void what_its_installation_says_is_passed_on_line_by_line() throws Exception {
        nodes.output.put(node("n1"), List.of("Reading package lists", "Done"));
        assertThat(launch(1))
                .filteredOn(step -> step.what() == What.OUTPUT)
                .extracting(Step::text)
                .containsExactly("Reading package lists", "Done");
    }

    @Test
    void a_machine_that_does_not_answer_is_said_and_not_counted() throws Exception {
        launch(1);
        nodes.silent.add(node("n1"));
        List<Step> steps = launch(1);
        assertThat(steps).filteredOn(step -> step.what() == What.SILENT).hasSize(1);
        assertThat(nodes.running()).containsExactlyInAnyOrder("n1", "n2");
        assertThat(steps.getLast().what()).isEqualTo(What.DONE);
        assertThat(launch(0).getLast())
                .isEqualTo(new Step(
                        What.SHORT, Optional.empty(), "copies of site: 0 of 0; not counted, as it doesn't answer: n1"));
    }

    @Test
    void more_than_there_are_machines_is_short_and_says_why() throws Exception {
        nodes.draining = Set.of(node("n3"));
        List<Step> steps = launch(9);
        assertThat(steps.getLast().what()).isEqualTo(What.SHORT);
        assertThat(steps.getLast().text()).isEqualTo("copies of site: 2 of 9; n3 is being drained");
    }

    private List<Step> launch(int copies) throws InterruptedException {
        StepFeed steps = new StepFeed();
        new Launch(WISH, copies, nodes.roster(), nodes, nodes, steps).run();
        List<Step> all = new ArrayList<>();
        while (!steps.ended()) steps.next(Duration.ofSeconds(1)).ifPresent(all::add);
        return all;
    }

    private static NodeName node(String name) {
        return new NodeName(name);
    }

    private static final class Nodes implements NodeMetadata, ServiceNodes {
        private final Map<NodeName, Metadata> metadata = new ConcurrentHashMap<>();
        final Map<NodeName, String> failing = new ConcurrentHashMap<>();
        final Map<NodeName, List<String>> output = new ConcurrentHashMap<>();
        final Set<NodeName> silent = ConcurrentHashMap.newKeySet();
        Set<NodeName> draining = Set.of();

        Nodes() {
            for (int i = 1; i <= 3; i++) metadata.put(node("n" + i), Metadata.NONE);
        }

        List<String> running() {
            return metadata.entrySet().stream()
                    .filter(entry -> ServiceNotes.wanted(entry.getValue()).contains(SITE))
                    .map(entry -> entry.getKey().value())
                    .toList();
        }

        Roster roster() {
            return new Roster(metadata.keySet().stream().map(this::member).toList());
        }

        private Member member(NodeName name) {
            int busy = name.value().charAt(1) - '0';
            NodeLoad load = new NodeLoad(new Capacity(new Resources(1000, 1 << 30), 40, 2), Resources.NONE, busy, 0, 0);
            return new Member(
                    name,
                    Member.Reach.UP,
                    Instant.EPOCH,
                    draining.contains(name),
                    Set.of(SITE),
                    Map.of(),
                    load,
                    Optional.of(Set.of()));
        }

        @Override
        public Metadata change(NodeName node, Metadata.Change change) throws IOException {
            if (silent.contains(node)) throw new IOException("silent");
            return metadata.merge(node, Metadata.NONE, (now, nothing) -> now.with(change));
        }

        @Override
        public Look look(NodeName node, AppId app, long from) {
            boolean wanted = running().contains(node.value());
            List<String> lines = output.getOrDefault(node, List.of());
            State state = !wanted ? State.OFF : failing.containsKey(node) ? State.FAILED : State.READY;
            return new Look(
                    state,
                    failing.getOrDefault(node, ""),
                    Optional.empty(),
                    lines.subList((int) from, lines.size()),
                    lines.size());
        }
    }
}
