package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.port.Begun;
import org.carrel.port.Progress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Herds, full disks, floods, idleness.
class AgentUnderLoadTest {
    private AgentBench bench;

    @BeforeEach
    void set(@TempDir Path root) throws IOException {
        bench = new AgentBench(root);
    }

    @AfterEach
    void away() throws IOException {
        bench.close();
    }

    @Test
    void a_hundred_starts_at_once_never_go_over_the_capacity_and_nobody_is_left_in_the_dark() throws Exception {
        bench.capacity = new Capacity(new Resources(64_000, 64L << 30), 12, 2);
        for (int i = 0; i < 5; i++) bench.app("app" + i, "answers");
        try (Agent agent = bench.open();
                var users = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Begun>> clicks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                String user = "user" + i % 8;
                String app = "app" + i % 5;
                clicks.add(() -> bench.begin(agent, user, app));
            }
            Map<SessionKey, Set<SessionId>> ids = new HashMap<>();
            for (Future<Begun> answer : users.invokeAll(clicks)) {
                switch (answer.get()) {
                    case Begun.Granted(var session) -> note(ids, session);
                    case Begun.Existing(var session) -> note(ids, session);
                    case Begun.Full(var shortage, var retryAfter) -> {
                        assertThat(shortage).startsWith("n1 is full: all 12 places for sessions are taken");
                        assertThat(retryAfter).isPositive();
                    }
                    case Begun.Waiting waiting -> throw new AssertionError("an agent lets nobody wait");
                    case Begun.Draining() -> throw new AssertionError("nobody drains");
                    case Begun.Impossible(var why) -> throw new AssertionError(why);
                }
            }
            assertThat(ids).hasSize(12);
            assertThat(ids.values()).allSatisfy(of -> assertThat(of).hasSize(1));
            for (Set<SessionId> one : ids.values()) {
                SessionId id = one.iterator().next();
                try (var stages = agent.watch(id)) {
                    Optional<Progress> first = stages.next(Duration.ofSeconds(1));
                    assertThat(first).isPresent();
                }
                AgentBench.await(agent, id, "ready");
            }
            assertThat(bench.machine.mostRunning).hasValue(12);
        }
    }

    @Test
    void a_full_disk_refuses_new_sessions_keeps_the_old_and_recovers_alone() throws Exception {
        bench.app("desk", "answers");
        Session running;
        try (Agent agent = bench.open()) {
            running = bench.ready(agent, "ada", "desk");
        }
        bench.diskReserve = Long.MAX_VALUE / 2;
        try (Agent agent = bench.open()) {
            assertThat(bench.begin(agent, "ben", "desk"))
                    .isInstanceOfSatisfying(
                            Begun.Impossible.class, no -> assertThat(no.why()).startsWith("the disk of n1 is full: "));
            assertThat(bench.begin(agent, "ada", "desk")).isEqualTo(new Begun.Existing(running));
        }
    }

    @Test
    void a_record_that_can_not_be_written_ends_the_start_and_a_later_one_succeeds() throws Exception {
        bench.app("desk", "answers");
        Path journal = bench.state.resolve("journal");
        try (Agent agent = bench.open()) {
            // a file where the journal's directory was: root, too, fails to write there
            Path aside = Files.move(journal, bench.state.resolve("aside"));
            Files.createFile(journal);
            Session session =
                    AgentBench.await(agent, bench.granted(agent, "ada", "desk").id(), "ended");
            assertThat(((Ended) session.state()).end().sentence()).contains("record could not be written");
            assertThat(bench.machine.launches).hasValue(0);
            Files.delete(journal);
            Files.move(aside, journal);
            bench.ready(agent, "ada", "desk");
        }
    }

    @Test
    void a_flooded_log_is_rotated_and_its_end_still_read() throws Exception {
        bench.app("desk", "answers");
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            String line = "x".repeat(199);
            for (int i = 0; i < 1_000; i++) bench.machine.print(session.id(), line);
            Path rotated = bench.state.resolve("journal/" + session.id() + "/log.1");
            AgentTest.awaitTrue(() -> Files.exists(rotated));
            assertThat(Files.size(rotated)).isLessThanOrEqualTo(bench.logBytes);
            AgentTest.awaitTrue(() -> bench.machine.log(session.id()).toFile().length() < bench.logBytes);
            bench.machine.print(session.id(), "the end");
            assertThat(agent.log(session.id(), 10)).hasSize(10).endsWith(line, "the end");
        }
    }

    @Test
    void an_idle_session_is_stopped_with_the_reason_and_a_working_one_is_not() throws Exception {
        bench.idle = new IdleRule(Optional.of(Duration.ofHours(1)), Duration.ofMinutes(5), Optional.empty());
        bench.app("desk", "answers");
        bench.kind.working = true;
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            AgentBench.await(
                    agent,
                    view -> view.sample(session.id())
                            .filter(sample -> sample.verdict().reason().equals("it is working"))
                            .isPresent());
            bench.kind.working = false;
            bench.pushed.set(Duration.ofHours(2));
            Session ended = AgentBench.await(agent, session.id(), "ended");
            assertThat(((Ended) ended.state()).end())
                    .isInstanceOfSatisfying(
                            End.Idle.class, idle -> assertThat(idle.why()).startsWith("nobody has used it for 2 h"));
        }
    }

    @Test
    void an_ended_session_is_forgotten_with_all_it_had() throws Exception {
        bench.app("desk", "answers");
        try (Agent agent = bench.open()) {
            Session session = bench.ready(agent, "ada", "desk");
            agent.stop(session.id(), new End.Stopped("ada"));
            AgentBench.await(agent, session.id(), "ended");
            Path journal = bench.state.resolve("journal/" + session.id());
            AgentTest.awaitTrue(() -> bench.machine.cleaned.contains(session.id()));
            bench.pushed.set(Duration.ofMinutes(11));
            AgentTest.awaitTrue(() -> !Files.exists(journal)
                    && !Files.exists(bench.machine.directory(session.id()))
                    && agent.current().session(session.id()).isEmpty());
        }
    }

    private static void note(Map<SessionKey, Set<SessionId>> ids, Session session) {
        ids.computeIfAbsent(session.key(), any -> new HashSet<>()).add(session.id());
    }
}
