package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.launch.Launcher.Life;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Begun;
import org.carrel.port.Knock;
import org.carrel.port.Troubles.Trouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Agents that die, and the ones that come after them.
class AdoptionTest {
    /// Stands for `kill -9`: the errand gets no further.
    private static final class Killed extends Error {
        Killed(String step) {
            super(step, null, false, false);
        }
    }

    private AgentBench bench;

    @BeforeEach
    void set(@TempDir Path root) throws IOException {
        bench = new AgentBench(root);
        bench.app("desk", "answers").app("slow", "slow").app("stubborn", "stubborn");
    }

    @AfterEach
    void away() throws IOException {
        bench.close();
    }

    @Test
    void a_ready_session_is_the_same_one_after_a_restart() throws Exception {
        Session before = readyAndKept("desk");
        try (Agent agent = bench.open()) {
            Session after = agent.current().session(before.id()).orElseThrow();
            assertThat(after).isEqualTo(before);
            assertThat(bench.begin(agent, "ada", "desk")).isEqualTo(new Begun.Existing(before));
            assertThat(agent.admit(new Knock(before.id(), AgentBench.principal("ada"), Knock.Traffic.HTTP)))
                    .isInstanceOfSatisfying(
                            Verdict.Open.class,
                            open -> assertThat(open.inject()).hasSize(1));
            assertThat(bench.machine.launches).hasValue(1);
        }
    }

    @Test
    void a_starting_session_is_probed_on_after_a_restart() throws Exception {
        bench.machine.slownessMillis = 1_500;
        SessionId id;
        try (Agent agent = bench.open()) {
            id = bench.granted(agent, "ada", "slow").id();
            AgentTest.awaitTrue(() -> bench.machine.alive(id) == 1);
        }
        try (Agent agent = bench.open()) {
            AgentBench.await(agent, id, "ready");
            assertThat(bench.machine.launches).hasValue(1);
        }
    }

    @Test
    void a_stop_under_way_is_carried_on_after_a_restart() throws Exception {
        Session session = readyAndKept("stubborn");
        try (Agent agent = bench.open()) {
            agent.stop(session.id(), new End.Stopped("ada"));
            Path record = bench.state.resolve("journal/" + session.id() + "/record");
            AgentTest.awaitTrue(() -> holdsEnd(record));
        }
        try (Agent agent = bench.open()) {
            Session ended = AgentBench.await(agent, session.id(), "ended");
            assertThat(((Ended) ended.state()).end()).isEqualTo(new End.Stopped("ada"));
            assertThat(bench.machine.running).hasValue(0);
        }
    }

    @Test
    void a_session_that_ended_while_nobody_looked_says_how() throws Exception {
        Session session = readyAndKept("desk");
        bench.machine.end(session.id(), new Life.Exited(7));
        try (Agent agent = bench.open()) {
            assertThat(endOf(agent, session.id()))
                    .isInstanceOfSatisfying(
                            End.Exited.class, end -> assertThat(end.status()).isEqualTo(7));
        }
    }

    @Test
    void a_session_that_vanished_is_lost_and_says_so() throws Exception {
        Session session = readyAndKept("desk");
        bench.machine.works.clear();
        try (Agent agent = bench.open()) {
            assertThat(endOf(agent, session.id())).isInstanceOf(End.Lost.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"before intent", "after intent", "after launch", "after handle", "answered"})
    void a_death_at_any_step_of_a_start_leaves_one_session_or_an_honest_end(String step) throws Exception {
        SessionId id;
        CountDownLatch reached = new CountDownLatch(1);
        try (Agent agent = bench.open(at -> {
            if (!at.equals(step)) return;
            reached.countDown();
            throw new Killed(step);
        })) {
            id = bench.granted(agent, "ada", "desk").id();
            assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        }
        long ran = bench.machine.alive(id);
        try (Agent agent = bench.open()) {
            switch (step) {
                case "before intent" -> assertThat(agent.current().session(id)).isEmpty();
                case "after intent" ->
                    assertThat(endOf(agent, id).sentence())
                            .isEqualTo("the agent stopped while starting it; start it again");
                default -> {
                    assertThat(ran).isEqualTo(1);
                    AgentBench.await(agent, id, "ready");
                    assertThat(bench.machine.alive(id)).isEqualTo(1);
                }
            }
            // and its user can go on in any case
            Begun again = bench.begin(agent, "ada", "desk");
            Session now = again instanceof Begun.Existing(var old) ? old : ((Begun.Granted) again).session();
            AgentBench.await(agent, now.id(), "ready");
            assertThat(bench.machine.running).hasValue(1);
        }
    }

    /// An id names one run for ever (docs/adr/0017): an old journal tells of what was, and brings nothing back.
    @Test
    void a_journal_from_a_backup_gives_no_id_a_second_life_and_leads_to_nobody_elses() throws Exception {
        Session adas = readyAndKept("desk");
        Path journal = bench.state.resolve("journal");
        Path backup = bench.state.resolve("backup");
        copy(journal, backup);
        SessionId bens;
        try (Agent agent = bench.open()) {
            agent.stop(adas.id(), new End.Stopped("ada"));
            AgentBench.await(agent, adas.id(), "ended");
            bens = bench.ready(agent, "ben", "desk").id();
        }
        forget(journal.resolve(adas.id().value()));
        forget(journal.resolve(bens.value()));
        copy(backup, journal);
        int launches = bench.machine.launches.get();
        try (Agent agent = bench.open()) {
            assertThat(endOf(agent, adas.id())).isInstanceOf(End.Exited.class);
            assertThat(agent.admit(new Knock(adas.id(), AgentBench.principal("ada"), Knock.Traffic.HTTP)))
                    .isInstanceOf(Verdict.Gone.class);
            assertThat(bench.machine.launches).hasValue(launches);
            // the next one of the same key is another one
            assertThat(bench.ready(agent, "ada", "desk").id()).isNotIn(adas.id(), bens);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path there = to.resolve(from.relativize(file));
                if (!Files.isDirectory(there)) Files.copy(file, there);
            }
        }
    }

    @Test
    void no_flipped_bit_in_one_copy_of_a_record_loses_the_session() throws Exception {
        Session session = readyAndKept("desk");
        Path directory = bench.state.resolve("journal/" + session.id());
        byte[] good = Files.readAllBytes(directory.resolve(Journal.RECORD));
        Journal journal = Journal.open(bench.state);
        for (String name : List.of(Journal.RECORD, Journal.COPY)) {
            // every byte of the head, and a sample of the rest: each turn writes and syncs
            for (int i = 0; i < good.length; i += i < 20 ? 1 : 29) {
                byte[] bad = good.clone();
                bad[i] ^= (byte) (1 << i % 8);
                Files.write(directory.resolve(name), bad);
                assertThat(journal.read().records())
                        .as("byte %d of %s", i, name)
                        .hasSize(1);
                assertThat(Files.readAllBytes(directory.resolve(name))).isEqualTo(good);
            }
        }
        try (Agent agent = bench.open()) {
            assertThat(agent.current().session(session.id())).contains(session);
        }
    }

    @Test
    void every_flipped_bit_of_a_record_is_noticed() throws Exception {
        Session session = readyAndKept("desk");
        byte[] good = Files.readAllBytes(bench.state.resolve("journal/" + session.id() + "/record"));
        assertThat(RecordFormat.read(good).id()).isEqualTo(session.id());
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(isRefused(bad)).as("bit %d", bit).isTrue();
        }
        for (int length = 0; length < good.length; length++)
            assertThat(isRefused(Arrays.copyOf(good, length)))
                    .as("cut to %d", length)
                    .isTrue();
    }

    @Test
    void a_workload_of_which_no_record_can_be_read_is_left_alone() throws Exception {
        Session session = readyAndKept("desk");
        for (String name : List.of(Journal.RECORD, Journal.COPY))
            Files.writeString(bench.state.resolve("journal/" + session.id() + "/" + name), "torn");
        try (Agent agent = bench.open()) {
            assertThat(agent.current().sessions()).isEmpty();
            assertThat(bench.machine.alive(session.id())).isEqualTo(1);
        }
    }

    @Test
    void a_workload_without_a_record_is_left_alone_and_told_of_while_it_lives() throws Exception {
        Session session = readyAndKept("desk");
        forget(bench.state.resolve("journal/" + session.id()));
        try (Agent agent = bench.open()) {
            assertThat(agent.current().session(session.id())).isEmpty();
            assertThat(bench.machine.running).as("it goes on").hasValue(1);
            List<Trouble> told = agent.orphans().present();
            assertThat(told).hasSize(1);
            assertThat(told.getFirst().about()).isEqualTo("orphan");
            assertThat(told.getFirst().what())
                    .contains("session " + session.id())
                    .contains("pid");
            assertThat(told.getFirst().next())
                    .contains("kill")
                    .contains(session.id().value());
            bench.machine.end(session.id(), new Life.Exited(0));
            assertThat(agent.orphans().present()).isEmpty();
        }
    }

    @Test
    void what_was_being_written_at_a_death_is_removed_and_a_start_that_never_began_is_forgotten() throws Exception {
        Session session = readyAndKept("desk");
        Path journal = bench.state.resolve("journal");
        Path kept = journal.resolve(session.id().value());
        Path never = Files.createDirectory(journal.resolve(Means.newId().value()));
        for (Path directory : List.of(kept, never))
            for (String name : List.of(Journal.RECORD, Journal.COPY))
                Files.writeString(directory.resolve(name + ".new"), "torn");
        Path damaged = Files.createDirectory(journal.resolve(Means.newId().value()));
        Files.writeString(damaged.resolve(Journal.RECORD), "torn");
        try (Agent agent = bench.open()) {
            assertThat(agent.current().session(session.id())).contains(session);
            try (var left = Files.list(kept)) {
                assertThat(left.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder(Journal.RECORD, Journal.COPY);
            }
            assertThat(never).doesNotExist();
            assertThat(damaged.resolve(Journal.RECORD))
                    .as("somebody may want to look")
                    .exists();
        }
    }

    @Test
    void a_session_with_a_record_is_no_orphan() throws Exception {
        readyAndKept("desk");
        try (Agent agent = bench.open()) {
            assertThat(agent.orphans().present()).isEmpty();
        }
    }

    @Test
    void a_drained_node_is_drained_after_a_restart_until_it_is_undrained() throws Exception {
        Session session = readyAndKept("desk");
        try (Agent agent = bench.open()) {
            agent.drain(true);
        }
        try (Agent agent = bench.open()) {
            assertThat(agent.current().nodes().getFirst().draining()).isTrue();
            assertThat(bench.begin(agent, "ben", "desk")).isInstanceOf(Begun.Draining.class);
            assertThat(bench.begin(agent, "ada", "desk")).as("hers goes on").isEqualTo(new Begun.Existing(session));
            agent.drain(false);
        }
        try (Agent agent = bench.open()) {
            assertThat(agent.current().nodes().getFirst().draining()).isFalse();
            bench.ready(agent, "ben", "desk");
        }
    }

    @Test
    void a_demo_that_stops_everything_is_not_drained_the_next_time() throws Exception {
        try (Agent agent = bench.open()) {
            agent.stopAll(new End.Stopped("admin"), AgentBench.PATIENCE);
            assertThat(bench.begin(agent, "ada", "desk")).isInstanceOf(Begun.Draining.class);
        }
        try (Agent agent = bench.open()) {
            bench.ready(agent, "ada", "desk");
        }
    }

    private static void forget(Path record) throws IOException {
        try (var files = Files.list(record)) {
            for (Path file : files.toList()) Files.delete(file);
        }
        Files.delete(record);
    }

    @Test
    void the_epoch_rises_with_every_start() throws Exception {
        for (int i = 0; i < 3; i++) bench.open().close();
        assertThat(Files.readString(bench.state.resolve("epoch"))).isEqualTo("3");
    }

    @Test
    void twenty_sessions_survive_twenty_restarts() throws Exception {
        bench.capacity = new Capacity(new Resources(64_000, 64L << 30), 40, 8);
        List<Session> sessions = new ArrayList<>();
        try (Agent agent = bench.open()) {
            for (int i = 0; i < 20; i++) sessions.add(bench.granted(agent, "user" + i, "desk"));
            for (Session session : sessions) AgentBench.await(agent, session.id(), "ready");
        }
        for (int round = 0; round < 20; round++)
            try (Agent agent = bench.open()) {
                for (Session session : sessions) AgentBench.await(agent, session.id(), "ready");
            }
        assertThat(bench.machine.launches).hasValue(20);
        assertThat(bench.machine.running).hasValue(20);
    }

    private Session readyAndKept(String app) throws Exception {
        try (Agent agent = bench.open()) {
            return bench.ready(agent, "ada", app);
        }
    }

    private static boolean holdsEnd(Path record) {
        try {
            return RecordFormat.read(Files.readAllBytes(record)).end().isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isRefused(byte[] bytes) {
        try {
            RecordFormat.read(bytes);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static End endOf(Agent agent, SessionId id) throws InterruptedException {
        return ((Ended) AgentBench.await(agent, id, "ended").state()).end();
    }
}
