package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.domain.user.UserId;
import org.carrel.http.RequestId;
import org.carrel.launch.Launcher.Life;
import org.carrel.launch.Launcher.Signal;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Begun;
import org.carrel.port.Knock;
import org.carrel.port.Lease;
import org.carrel.port.Progress;
import org.carrel.port.Progress.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {
    private AgentBench bench;

    @BeforeEach
    void set(@TempDir Path root) throws IOException {
        bench = new AgentBench(root);
        bench.app("desk", "answers").app("slow", "slow");
    }

    @AfterEach
    void away() throws IOException {
        bench.close();
    }

    @Test
    void a_session_that_was_begun_becomes_ready_by_itself() throws Exception {
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            assertThat(((Ready) session.state()).workload().endpoint())
                    .isEqualTo(new Endpoint.Unix(bench.run + "/" + session.id() + "/s"));
            assertThat(bench.machine.alive(session.id())).isEqualTo(1);
        }
    }

    @Test
    void asking_twice_finds_the_same_session() throws Exception {
        try (Agent agent = bench.open()) {
            Session first = bench.granted(agent, "ada", "desk");
            assertThat(bench.begin(agent, "ada", "desk"))
                    .isInstanceOfSatisfying(
                            Begun.Existing.class,
                            again -> assertThat(again.session().id()).isEqualTo(first.id()));
        }
    }

    @Test
    void the_same_request_gets_the_same_answer() throws Exception {
        try (Agent agent = bench.open()) {
            RequestId once = new RequestId("click");
            Begun first = agent.begin(AgentBench.key("ada", "desk"), once);
            Begun second = agent.begin(AgentBench.key("ada", "desk"), once);
            assertThat(second).isInstanceOf(Begun.Granted.class);
            assertThat(((Begun.Granted) second).session().id())
                    .isEqualTo(((Begun.Granted) first).session().id());
        }
    }

    @Test
    void an_unknown_app_is_impossible_and_says_so() throws Exception {
        try (Agent agent = bench.open()) {
            assertThat(bench.begin(agent, "ada", "nothing"))
                    .isInstanceOfSatisfying(
                            Begun.Impossible.class, no -> assertThat(no.why()).contains("no app nothing"));
        }
    }

    @Test
    void a_waiting_user_sees_every_stage_up_to_ready() throws Exception {
        bench.capacity = new Capacity(new Resources(64_000, 64L << 30), 40, 1);
        try (Agent agent = bench.open()) {
            bench.granted(agent, "ada", "slow");
            List<Progress> seen = new ArrayList<>();
            try (var feed = agent.watch(bench.granted(agent, "ben", "slow").id())) {
                while (!feed.ended()) feed.next(AgentBench.PATIENCE).ifPresent(seen::add);
            }
            assertThat(seen).first().isEqualTo(new Progress(Stage.QUEUED, 0, java.util.Optional.empty()));
            assertThat(seen).last().isEqualTo(Progress.at(Stage.READY));
            assertThat(seen).contains(Progress.at(Stage.ANSWERING));
        }
    }

    @Test
    void a_program_that_ends_while_starting_gives_its_status_and_its_last_lines() throws Exception {
        bench.app("broken", "exits", "3");
        try (Agent agent = bench.open()) {
            Session session = AgentBench.await(
                    agent, bench.granted(agent, "ada", "broken").id(), "ended");
            End.Failed end = (End.Failed) ((Ended) session.state()).end();
            assertThat(end.cause()).isEqualTo("the program ended with status 3 before it answered");
            assertThat(end.lastLines()).contains("Error: no such package");
            assertThat(agent.current().nodes().getFirst().committed()).isEqualTo(Resources.NONE);
        }
    }

    @Test
    void a_program_that_can_not_be_launched_says_why() throws Exception {
        bench.app("missing", "unlaunchable").app("lost", "wrong-directory");
        try (Agent agent = bench.open()) {
            Session session = AgentBench.await(
                    agent, bench.granted(agent, "ada", "missing").id(), "ended");
            assertThat(((Ended) session.state()).end().sentence()).contains("there is no such program");
            Session lost =
                    AgentBench.await(agent, bench.granted(agent, "ada", "lost").id(), "ended");
            assertThat(((Ended) lost.state()).end().sentence()).contains("there is no app.R in /srv/nowhere");
        }
    }

    @Test
    void a_program_that_never_answers_is_stopped_and_says_what_it_did_instead() throws Exception {
        bench.startTimeout = Duration.ofSeconds(1);
        bench.app("mute", "silent").app("deaf", "deaf").app("sick", "failing");
        try (Agent agent = bench.open()) {
            SessionId mute = bench.granted(agent, "ada", "mute").id();
            SessionId deaf = bench.granted(agent, "ada", "deaf").id();
            SessionId sick = bench.granted(agent, "ada", "sick").id();
            assertThat(endOf(agent, sick).sentence()).isEqualTo("not ready in 1 s: it answered with status 500");
            assertThat(endOf(agent, deaf).sentence()).startsWith("not ready in 1 s: ");
            assertThat(endOf(agent, mute).sentence()).contains("did not answer");
            assertThat(bench.machine.running).hasValue(0);
        }
    }

    @Test
    void a_port_that_a_stranger_holds_is_never_trusted() throws Exception {
        bench.startTimeout = Duration.ofSeconds(1);
        bench.app("squat", "squatted", "port").app("honest", "answers", "port");
        try (Agent agent = bench.open()) {
            assertThat(bench.ready(agent, "ada", "honest").state()).isInstanceOf(Ready.class);
            assertThat(endOf(agent, bench.granted(agent, "ada", "squat").id()).sentence())
                    .contains("is held by another program");
        }
    }

    @Test
    void a_stopped_session_is_asked_politely_first_and_leaves_nothing() throws Exception {
        bench.app("stubborn", "stubborn");
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "stubborn");
            agent.stop(session.id(), new End.Stopped("ada"));
            agent.stop(session.id(), new End.Stopped("ben"));
            assertThat(endOf(agent, session.id())).isEqualTo(new End.Stopped("ada"));
            assertThat(bench.machine.of(session.id()).orElseThrow().signals)
                    .containsExactly(Signal.INT, Signal.TERM, Signal.KILL);
            awaitTrue(() -> bench.machine.cleaned.contains(session.id()));
            awaitTrue(() -> !Files.exists(bench.run.resolve(session.id().value())));
        }
    }

    @Test
    void a_program_that_ends_by_itself_is_noticed_within_a_second_or_so() throws Exception {
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            bench.machine.print(session.id(), "Execution halted");
            bench.machine.end(session.id(), new Life.Exited(1));
            assertThat(endOf(agent, session.id())).isInstanceOfSatisfying(End.Exited.class, end -> {
                assertThat(end.status()).isEqualTo(1);
                assertThat(end.lastLines()).endsWith("Execution halted");
            });
        }
    }

    @Test
    void only_its_owner_is_let_in_and_an_administrator_is_not() throws Exception {
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            assertThat(knock(agent, session, "ada")).isInstanceOfSatisfying(Verdict.Open.class, open -> {
                assertThat(open.inject()).hasSize(1);
                assertThat(open.lease().stillAllowed()).isTrue();
            });
            assertThat(knock(agent, session, "ben")).isInstanceOf(Verdict.Absent.class);
        }
    }

    @Test
    void a_lease_ends_with_its_session() throws Exception {
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            Lease lease = ((Verdict.Open) knock(agent, session, "ada")).lease();
            agent.stop(session.id(), new End.Stopped("ada"));
            assertThat(lease.stillAllowed()).isFalse();
            assertThat(knock(agent, session, "ada")).isEqualTo(new Verdict.Gone(new End.Stopped("ada")));
        }
    }

    @Test
    void input_and_connections_of_leases_are_shown_in_the_samples() throws Exception {
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            Lease lease = ((Verdict.Open) knock(agent, session, "ada")).lease();
            lease.connections(2);
            AgentBench.await(
                    agent,
                    view -> view.sample(session.id())
                            .filter(sample -> sample.connections() == 2 && sample.memoryBytes() == 50L << 20)
                            .isPresent());
            lease.close();
            AgentBench.await(
                    agent,
                    view -> view.sample(session.id())
                            .filter(sample -> sample.connections() == 0
                                    && !sample.cpuHistory().isEmpty())
                            .isPresent());
        }
    }

    @Test
    void extending_is_for_the_owner_and_counts_as_use() throws Exception {
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            assertThat(agent.extend(session.id(), new UserId("ben"))).isEmpty();
            bench.pushed.set(Duration.ofMinutes(30));
            assertThat(agent.extend(session.id(), new UserId("ada"))).isPresent();
            AgentBench.await(
                    agent,
                    view -> view.sample(session.id())
                            .filter(sample ->
                                    sample.lastInput().isAfter(session.since().plus(Duration.ofMinutes(20))))
                            .isPresent());
        }
    }

    @Test
    void a_draining_node_takes_no_new_session_and_keeps_the_old() throws Exception {
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            agent.drain(true);
            assertThat(bench.begin(agent, "ben", "desk")).isEqualTo(new Begun.Draining());
            assertThat(bench.begin(agent, "ada", "desk")).isEqualTo(new Begun.Existing(session));
        }
    }

    @Test
    void the_usual_start_is_known_after_the_first() throws Exception {
        try (Agent agent = bench.open()) {
            assertThat(agent.usualStart(AgentBench.key("ada", "desk"))).isEmpty();
            bench.ready(agent, "ada", "desk");
            awaitTrue(() -> agent.usualStart(AgentBench.key("ben", "desk")).isPresent());
        }
        try (Agent agent = bench.open()) {
            awaitTrue(() -> agent.usualStart(AgentBench.key("ben", "desk")).isPresent());
        }
    }

    @Test
    void stopping_all_leaves_nothing_running_and_takes_nothing_new() throws Exception {
        try (Agent agent = bench.open()) {
            bench.ready(agent, "ada", "desk");
            bench.granted(agent, "ben", "slow");
            assertThat(agent.stopAll(new End.Stopped("carrel"), Duration.ofSeconds(10)))
                    .isZero();
            assertThat(bench.machine.running).hasValue(0);
            assertThat(bench.begin(agent, "cy", "desk")).isEqualTo(new Begun.Draining());
        }
    }

    @Test
    void two_agents_never_share_a_directory() throws Exception {
        try (Agent agent = bench.open()) {
            assertThat(agent.current().nodes()).hasSize(1);
            assertThatThrownBy(bench::open).isInstanceOf(IOException.class).hasMessageContaining("another carrel");
        }
    }

    private static Verdict knock(Agent agent, Session session, String user) {
        return agent.admit(new Knock(session.id(), AgentBench.principal(user), Knock.Traffic.HTTP));
    }

    private static End endOf(Agent agent, SessionId id) throws InterruptedException {
        return ((Ended) AgentBench.await(agent, id, "ended").state()).end();
    }

    static void awaitTrue(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + AgentBench.PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) throw new AssertionError("never came true");
            Thread.sleep(10);
        }
    }
}
