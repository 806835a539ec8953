package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.Service;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.ServiceNotes;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.RequestId;
import org.carrel.launch.Launcher.Life;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Begun;
import org.carrel.port.Knock;
import org.carrel.port.Knock.Traffic;
import org.carrel.port.ServiceNodes.Look;
import org.carrel.port.ServiceNodes.State;
import org.carrel.port.View;
import org.carrel.support.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceKeeperTest {
    private static final AppId SITE = new AppId("site");
    private static final Service PLAIN = new Service(List.of(), false);

    @TempDir
    private Path root;

    private AgentBench bench;

    @BeforeEach
    void set() throws IOException {
        bench = new AgentBench(root);
        bench.app("desk", "answers").service("site", PLAIN, Audience.EVERYBODY, "answers");
    }

    @AfterEach
    void away() throws IOException {
        bench.close();
    }

    @Test
    void what_the_metadata_names_runs_and_ends_when_it_is_named_no_more() throws Exception {
        try (Agent agent = bench.open()) {
            agent.change(ServiceNotes.want(SITE));
            SessionId copy = ready(agent);
            Session session = agent.current().session(copy).orElseThrow();
            assertThat(session.key()).isEqualTo(ServiceKeys.of(SITE, new NodeName("n1")));
            assertThat(agent.look(SITE, 0).state()).isEqualTo(State.READY);
            agent.change(ServiceNotes.wantNoMore(SITE));
            AgentBench.await(agent, copy, "ended");
            Await.until("it is off", () -> agent.look(SITE, 0).state() == State.OFF);
            assertThat(bench.machine.launches).hasValue(1);
        }
    }

    @Test
    void it_is_told_where_it_is_served() throws Exception {
        try (Agent agent = bench.open()) {
            agent.change(ServiceNotes.want(SITE));
            SessionId copy = ready(agent);
            assertThat(bench.kind.prefix).isEqualTo("/service/site");
            agent.change(ServiceNotes.wantNoMore(SITE));
            AgentBench.await(agent, copy, "ended");
            Await.until("it is off", () -> agent.look(SITE, 0).state() == State.OFF);
            Service hosted = new Service(List.of(), false, List.of("www.example.org"), false);
            bench.service("site", hosted, Audience.EVERYBODY, "answers");
            agent.change(ServiceNotes.want(SITE));
            ready(agent);
            assertThat(bench.kind.prefix).isEmpty();
        }
    }

    @Test
    void a_node_has_as_many_copies_as_its_settings_say_and_none_where_it_was_told_so() throws Exception {
        Service each = new Service(List.of(), false, List.of(), false, 2, Optional.empty());
        bench.service("site", each, Audience.EVERYBODY, "answers");
        try (Agent agent = bench.open()) {
            View both = AgentBench.await(agent, view -> readyCopies(view) == 2);
            assertThat(both.sessions().values())
                    .map(Session::key)
                    .containsExactlyInAnyOrder(
                            ServiceKeys.of(SITE, new NodeName("n1"), 1), ServiceKeys.of(SITE, new NodeName("n1"), 2));
            bench.service(
                    "site",
                    new Service(List.of(), false, List.of(), false, 1, Optional.empty()),
                    Audience.EVERYBODY,
                    "answers");
            AgentBench.await(agent, view -> readyCopies(view) == 1);
            agent.change(Metadata.Change.set("service.site", "off"));
            AgentBench.await(agent, view -> readyCopies(view) == 0);
        }
    }

    private static long readyCopies(View view) {
        return view.sessions().values().stream()
                .filter(session -> session.state() instanceof SessionState.Ready)
                .count();
    }

    @Test
    void a_copy_that_ends_is_started_again() throws Exception {
        try (Agent agent = bench.open()) {
            agent.change(ServiceNotes.want(SITE));
            SessionId first = ready(agent);
            bench.machine.end(first, new Life.Exited(3));
            Await.until("the end is seen", () -> agent.look(SITE, 0).state() == State.FAILED);
            assertThat(agent.look(SITE, 0).why()).contains("status 3");
            SessionId second = AgentBench.await(
                            agent,
                            view -> readyCopy(view)
                                    .filter(id -> !id.equals(first))
                                    .isPresent())
                    .sessions()
                    .keySet()
                    .stream()
                    .filter(id -> !id.equals(first))
                    .findFirst()
                    .orElseThrow();
            assertThat(bench.machine.alive(second)).isEqualTo(1);
            assertThat(bench.machine.launches).hasValue(2);
        }
    }

    @Test
    void a_copy_is_adopted_after_a_restart_and_not_started_twice() throws Exception {
        SessionId copy;
        try (Agent agent = bench.open()) {
            agent.change(ServiceNotes.want(SITE));
            copy = ready(agent);
        }
        try (Agent again = bench.open()) {
            Await.until("it is looked after", () -> again.look(SITE, 0).copy().equals(Optional.of(copy)));
            assertThat(again.look(SITE, 0).state()).isEqualTo(State.READY);
            // it looks every quarter of a second, and a second copy would be refused as the same key
            again.change(Metadata.Change.set("other", "note"));
            assertThat(again.current().sessions()).containsOnlyKeys(copy);
            assertThat(bench.machine.launches).hasValue(1);
        }
    }

    @Test
    void what_runs_is_kept_when_the_metadata_is_lost() throws Exception {
        SessionId copy;
        try (Agent agent = bench.open()) {
            agent.change(ServiceNotes.want(SITE));
            copy = ready(agent);
        }
        Files.writeString(bench.state.resolve("metadata"), "x");
        Files.writeString(bench.state.resolve("metadata.bak"), "x");
        try (Agent again = bench.open()) {
            Await.until("it is looked after", () -> again.look(SITE, 0).copy().equals(Optional.of(copy)));
            assertThat(ServiceNotes.wanted(again.change(Metadata.Change.NOTHING)))
                    .containsExactly(SITE);
            assertThat(again.look(SITE, 0).state()).isEqualTo(State.READY);
        }
    }

    @Test
    void it_is_installed_once_before_its_first_start_and_again_when_the_command_changes() throws Exception {
        Path ran = root.resolve("ran");
        List<String> install = List.of("/bin/sh", "-c", "echo one; echo two; echo x >> " + ran);
        bench.service("site", new Service(install, false), Audience.EVERYBODY, "answers");
        try (Agent agent = bench.open()) {
            agent.change(ServiceNotes.want(SITE));
            ready(agent);
            Look look = agent.look(SITE, 0);
            assertThat(look.output()).containsExactly("one", "two");
            assertThat(agent.look(SITE, look.next()).output()).isEmpty();
            assertThat(bench.state.resolve("services/site.install.log")).hasContent("one\ntwo\n");
            agent.change(ServiceNotes.wantNoMore(SITE));
            Await.until("it is off", () -> agent.look(SITE, 0).state() == State.OFF);
            agent.change(ServiceNotes.want(SITE));
            ready(agent);
            assertThat(ran).hasContent("x\n");
            agent.change(ServiceNotes.wantNoMore(SITE));
            Await.until("it is off", () -> agent.look(SITE, 0).state() == State.OFF);
            List<String> changed = List.of("/bin/sh", "-c", "echo y >> " + ran);
            bench.service("site", new Service(changed, false), Audience.EVERYBODY, "answers");
            agent.change(ServiceNotes.want(SITE));
            ready(agent);
            assertThat(ran).hasContent("x\ny\n");
        }
    }

    @Test
    void where_its_installation_fails_it_is_not_started_and_says_why() throws Exception {
        Service service = new Service(List.of("/bin/sh", "-c", "echo no room here; exit 7"), false);
        bench.service("site", service, Audience.EVERYBODY, "answers");
        try (Agent agent = bench.open()) {
            agent.change(ServiceNotes.want(SITE));
            Await.until("it fails", () -> agent.look(SITE, 0).state() == State.FAILED);
            assertThat(agent.look(SITE, 0).why()).contains("status 7", "no room here");
            assertThat(bench.machine.launches).hasValue(0);
            assertThat(agent.change(ServiceNotes.wantNoMore(SITE)).entries()).isEmpty();
        }
    }

    @Test
    void no_user_begins_a_service_and_no_service_an_app() throws Exception {
        try (Agent agent = bench.open()) {
            assertThat(bench.begin(agent, "ada", "site"))
                    .isInstanceOfSatisfying(
                            Begun.Impossible.class, no -> assertThat(no.why()).contains("carrel launch"));
            var key = ServiceKeys.of(new AppId("desk"), new NodeName("n1"));
            assertThat(agent.begin(key, new RequestId("r"))).isInstanceOf(Begun.Impossible.class);
            assertThat(bench.machine.launches).hasValue(0);
        }
    }

    @Test
    void the_audience_enters_a_service_and_nobody_else() throws Exception {
        Audience stats = new Audience(Set.of(new UserId("ben")), Set.of("stats"));
        bench.service("site", PLAIN, stats, "answers");
        try (Agent agent = bench.open()) {
            agent.change(ServiceNotes.want(SITE));
            SessionId copy = ready(agent);
            assertThat(enters(agent, copy, "ada", "stats")).isTrue();
            assertThat(enters(agent, copy, "ben")).isTrue();
            assertThat(enters(agent, copy, "cyd")).isFalse();
            assertThat(enters(agent, copy, "_anybody")).isFalse();
            assertThat(agent.admit(new Knock(
                            copy, new Principal(new UserId("ben"), Set.of(), Set.of(Scope.METRICS)), Traffic.HTTP)))
                    .isInstanceOf(Verdict.Absent.class);
            var lease = ((Verdict.Open) agent.admit(knock(copy, "ben"))).lease();
            bench.service("site", PLAIN, new Audience(Set.of(), Set.of("stats")), "answers");
            assertThat(lease.stillAllowed()).isFalse();
            bench.service("site", new Service(List.of(), true), stats, "answers");
            assertThat(enters(agent, copy, "_anybody")).isTrue();
            bench.app("site", "answers"); // no service any more
            assertThat(enters(agent, copy, "ben")).isFalse();
        }
    }

    private static boolean enters(Agent agent, SessionId copy, String user, String... groups) {
        return agent.admit(knock(copy, user, groups)) instanceof Verdict.Open;
    }

    private static Knock knock(SessionId copy, String user, String... groups) {
        return new Knock(copy, new Principal(new UserId(user), Set.of(groups), Set.of(Scope.USE)), Traffic.HTTP);
    }

    private static SessionId ready(Agent agent) throws Exception {
        SessionId copy = readyCopy(
                        AgentBench.await(agent, view -> readyCopy(view).isPresent()))
                .orElseThrow();
        Await.until("the keeper sees it", () -> agent.look(SITE, 0).state() == State.READY);
        return copy;
    }

    private static Optional<SessionId> readyCopy(View view) {
        return view.sessions().values().stream()
                .filter(session -> session.app().equals(SITE) && session.state() instanceof SessionState.Ready)
                .map(Session::id)
                .findFirst();
    }
}
