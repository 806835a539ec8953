package org.carrel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.carrel.api.Json;
import org.carrel.control.ApiServer;
import org.carrel.domain.app.AppId;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.OtherNode;
import org.carrel.port.Progress.Stage;
import org.carrel.port.Start;
import org.carrel.support.Await;
import org.carrel.support.FakeAgent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands as a user types them, against the real API over real HTTP.
class CommandsTest {
    @TempDir
    Path home = Path.of("/");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private ApiServer server;
    private boolean terminal;
    private List<Path> locals = List.of();
    private Optional<String> typed = Optional.empty();

    CommandsTest() throws Exception {
        server = new ApiServer();
    }

    @BeforeEach
    void sign_in() {
        environment.put("CARREL_URL", server.url());
        environment.put("CARREL_TOKEN", tokenOf("ada", Scope.USE));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    // exit codes

    @Test
    void without_a_token_the_exit_code_is_3_and_the_next_step_is_said() {
        environment.remove("CARREL_TOKEN");
        assertThat(run("sessions")).isEqualTo(3);
        assertThat(errors()).contains("carrel token --save");
    }

    @Test
    void what_is_absent_is_4() {
        assertThat(run("start", "nothing")).isEqualTo(4);
        assertThat(run("stop", "faithful")).isEqualTo(4);
        assertThat(run("logs", "a".repeat(16))).isEqualTo(4);
    }

    @Test
    void full_and_impossible_and_unreachable_are_5() throws Exception {
        for (String user : List.of("ben", "cyd", "dan")) begin(user, "default");
        assertThat(run("start", "faithful")).isEqualTo(5);
        assertThat(errors()).contains("all 3 places are taken");
        assertThat(run("start", "counter")).isEqualTo(5);
        assertThat(errors()).contains("install r-base-core");
        server.close();
        assertThat(run("apps")).isEqualTo(5);
        assertThat(errors()).contains("can't reach Carrel at " + server.url());
    }

    @Test
    void misuse_is_2() {
        assertThat(run("start")).isEqualTo(2);
        assertThat(run("sessionz")).isEqualTo(2);
        assertThat(run("start", "faithful", "--name", "a b")).isEqualTo(2);
        assertThat(run("logs", "faithful", "-n", "0")).isEqualTo(2);
        assertThat(run("apps", "--url", "ftp://x")).isEqualTo(2);
        assertThat(run("stop", "../../nodes/n1")).isEqualTo(2);
        assertThat(errors()).contains("Try: carrel start --help");
    }

    @Test
    void every_command_explains_itself_with_an_example_and_the_exit_codes() {
        for (String command : List.of(
                "apps", "start", "sessions", "logs", "stop", "token", "nodes", "drain", "undrain", "meta", "launch")) {
            out.reset();
            assertThat(run(command, "--help")).isZero();
            assertThat(output()).contains("Example:", "carrel " + command, "Exit codes:", "--json");
        }
    }

    // machines that are shut out

    @Test
    void a_machine_is_shut_out_listed_and_let_in_again() {
        environment.put("CARREL_TOKEN", tokenOf("root", Scope.ADMIN));
        terminal = true;
        typed = Optional.of("n");
        String id = "0000000000000007";
        assertThat(run("forget", id, "--revoke")).isNotZero();
        assertThat(errors()).contains("Nothing was forgotten");
        assertThat(server.house.shutOuts.present()).isEmpty();
        assertThat(run("forget", id, "--revoke", "--yes")).isZero();
        assertThat(output()).contains("Shut out n7.");
        assertThat(errors()).contains("make a new key");
        assertThat(run("forget", "--list")).isZero();
        assertThat(output()).contains("n7", id);
        assertThat(run("forget", "n7", "--undo")).isZero();
        assertThat(output()).contains("Let in again n7");
        assertThat(run("forget", "n7", "--undo")).isEqualTo(4);
        for (String[] wrong :
                new String[][] {{"forget"}, {"forget", "n7", "--list"}, {"forget", "n7", "--undo", "--revoke"}})
            assertThat(run(wrong)).isEqualTo(2);
    }

    // apps

    @Test
    void apps_are_a_table() {
        assertThat(run("apps")).isZero();
        assertThat(output()).isEqualTo("""
                        APP       KIND   TITLE         USUAL START  STATE
                        faithful  shiny  Old Faithful  0.8 s        can be started
                        counter   shiny  Counter       -            R is missing; install r-base-core
                        """);
    }

    @Test
    void apps_are_json_for_programs() throws Exception {
        assertThat(run("apps", "--json")).isZero();
        assertThat(json().at("/items/0/id").asText()).isEqualTo("faithful");
    }

    // nodes

    @Test
    void nodes_are_hosts_of_ansible_with_a_group_for_each_state() throws Exception {
        server.house.agent.sees(silent());
        assertThat(run("nodes", "--list")).isZero();
        assertThat(json().at("/carrel/hosts").toString()).isEqualTo("[\"n1\",\"n7\"]");
        assertThat(json().at("/carrel_up/hosts").toString()).isEqualTo("[\"n1\"]");
        assertThat(json().at("/carrel_unreachable/hosts").toString()).isEqualTo("[\"n7\"]");
        JsonNode n1 = json().at("/_meta/hostvars/n1");
        assertThat(n1.get("carrel_max_sessions").asInt()).isEqualTo(3);
        assertThat(n1.has("ansible_connection"))
                .as("another machine may have answered")
                .isFalse();
        assertThat(json().at("/_meta/hostvars/n7/ansible_host").asText()).isEqualTo("10.0.0.7");
        out.reset();
        assertThat(run("nodes", "--host", "n1")).isZero();
        assertThat(json()).isEqualTo(n1);
        assertThat(run("nodes", "--host", "n8")).isEqualTo(4);
        assertThat(run("nodes", "--list", "--host", "n1")).isEqualTo(2);
    }

    @Test
    void an_inventory_is_printed_for_a_file() {
        server.house.agent.sees(silent());
        assertThat(run("nodes", "--ansible")).isZero();
        assertThat(output()).startsWith("""
                        all:
                          children:
                            carrel:
                              hosts:
                                "n1":
                                  carrel_state: "up"
                        """).endsWith("""
                            carrel_unreachable:
                              hosts:
                                "n7":
                            carrel_up:
                              hosts:
                                "n1":
                        """);
    }

    // sessions

    @Test
    void sessions_are_a_table_with_times_in_words() throws Exception {
        SessionId id = begin("ada", "default");
        server.house.agent.ready(id);
        server.house.agent.observe(id, 7.5, new IdleVerdict.Keep("in use", FakeAgent.NOW.plusSeconds(60)));
        assertThat(run("sessions")).isZero();
        String address = server.url().replace("localhost", id + ".localhost") + "/";
        assertThat(output())
                .isEqualTo("ID                APP       NAME     STATE  SINCE      CPU  MEMORY   LAST USE   ADDRESS\n"
                        + id + "  faithful  default  ready  3 min ago  8 %  117 MiB  3 min ago  " + address + "\n");
    }

    @Test
    void ended_sessions_are_shown_when_asked_for_with_the_reason() throws Exception {
        server.house.agent.end(begin("ada", "default"), new End.Stopped("ben\u001b[31m"));
        assertThat(run("sessions")).isZero();
        assertThat(output()).startsWith("No sessions.");
        assertThat(run("sessions", "--ended")).isZero();
        assertThat(output()).contains("stopped by ben?[31m").doesNotContain("\u001b");
    }

    @Test
    void administrators_see_everybodys_with_owners() throws Exception {
        begin("ben", "default");
        environment.put("CARREL_TOKEN", tokenOf("admin", Scope.ADMIN));
        assertThat(run("sessions", "--all")).isZero();
        assertThat(output()).contains("OWNER").contains("ben");
    }

    @Test
    void colours_are_for_terminals_and_not_for_those_who_want_none() throws Exception {
        begin("ada", "default");
        terminal = true;
        environment.put("TERM", "xterm");
        run("sessions");
        assertThat(output()).contains("\u001b[33mreserved\u001b[0m");
        out.reset();
        environment.put("NO_COLOR", "1");
        run("sessions");
        assertThat(output()).doesNotContain("\u001b");
    }

    @Test
    void watching_shows_changes_as_they_come() throws Exception {
        SessionId id = begin("ada", "default");
        CompletableFuture<Integer> watching = CompletableFuture.supplyAsync(() -> run("sessions", "--watch", "--json"));
        Await.until("the first look", () -> output().contains("\"state\":\"reserved\""));
        server.house.agent.ready(id);
        Await.until("the change", () -> output().contains("\"state\":\"ready\""));
        server.close();
        assertThat(watching.get()).isNotZero();
    }

    // start

    @Test
    void a_start_shows_its_stages_and_prints_the_address_alone() throws Exception {
        CompletableFuture<Integer> starting = CompletableFuture.supplyAsync(() -> run("start", "faithful"));
        Await.until("the session is there", () -> errors().contains("Room is reserved."));
        SessionId id = only();
        server.house.agent.reach(id, Stage.QUEUED, 2);
        Await.until("queued", () -> errors().contains("2 starts are ahead"));
        server.house.agent.reach(id, Stage.ANSWERING, 0);
        Await.until("answering", () -> errors().contains("waiting for its first answer"));
        server.house.agent.ready(id);
        assertThat(starting.get()).isZero();
        assertThat(output()).isEqualTo(server.url().replace("localhost", id + ".localhost") + "/\n");
    }

    @Test
    void who_queues_is_told_the_place_and_starts_when_there_is_room() throws Exception {
        server.house.agent.waiting = new org.carrel.domain.place.Stage.InLine(2);
        CompletableFuture<Integer> starting =
                CompletableFuture.supplyAsync(() -> run("start", "faithful", "--queue", "--on", "n2", "--no-wait"));
        Await.until("in line", () -> errors().contains("you are number 2 in line"));
        assertThat(server.house.agent.asked.getFirst().on()).contains(new NodeName("n2"));
        server.house.agent.waiting = null;
        assertThat(starting.get()).isZero();
        assertThat(server.house.agent.current().sessions()).hasSize(1);
        assertThat(server.house.agent.asked)
                .extracting(Start::ticket)
                .containsOnly(server.house.agent.asked.getFirst().ticket());
    }

    @Test
    void a_machine_is_drained_and_undrained_by_its_name() throws Exception {
        environment.put("CARREL_TOKEN", tokenOf("admin", Scope.ADMIN));
        assertThat(run("drain", "n1")).isZero();
        assertThat(output()).startsWith("n1 takes no new sessions.").contains("It is empty.");
        assertThat(server.house.agent.current().nodes().getFirst().draining()).isTrue();
        assertThat(run("undrain", "n1", "--json")).isZero();
        assertThat(server.house.agent.current().nodes().getFirst().draining()).isFalse();
        assertThat(run("drain", "n9")).isEqualTo(4);
        assertThat(run("drain", "../x")).isEqualTo(2);
    }

    @Test
    void a_launch_shows_what_happens_and_ends_with_how_it_went() throws Exception {
        environment.put("CARREL_TOKEN", tokenOf("admin", Scope.ADMIN));
        assertThat(run("launch", "2", "site")).isZero();
        assertThat(output()).isEqualTo("n1 | installing?[2J\ncopies: 2\n");
        assertThat(run("launch", "10", "site")).isEqualTo(1);
        out.reset();
        assertThat(run("launch")).isZero();
        assertThat(output()).contains("site").contains("/service/site/");
        assertThat(run("launch", "2")).isEqualTo(2);
        assertThat(run("launch", "2", "../x")).isEqualTo(2);
        assertThat(run("launch", "-1", "site")).isEqualTo(2);
        assertThat(run("launch", "2", "faithful")).isEqualTo(4);
    }

    @Test
    void what_a_machine_remembers_is_set_listed_and_removed() throws Exception {
        environment.put("CARREL_TOKEN", tokenOf("admin", Scope.ADMIN));
        assertThat(run("meta", "n1")).isZero();
        assertThat(output()).isEqualTo("n1 remembers nothing.\n");
        out.reset();
        assertThat(run("meta", "n1", "rack=b2", "sum=1+1=2")).isZero();
        assertThat(output()).isEqualTo("rack=b2\nsum=1+1=2\n");
        out.reset();
        assertThat(run("meta", "n1", "--remove", "sum", "--json")).isZero();
        assertThat(output()).contains("\"rack\" : \"b2\"").doesNotContain("sum");
        assertThat(run("meta", "n1", "rack")).isEqualTo(2);
        assertThat(run("meta", "n9", "a=b")).isEqualTo(4);
        assertThat(run("meta", "../x")).isEqualTo(2);
    }

    @Test
    void a_start_that_fails_is_1_with_cause_and_last_lines() throws Exception {
        CompletableFuture<Integer> starting = CompletableFuture.supplyAsync(() -> run("start", "faithful"));
        Await.until("the session is there", () -> errors().contains("Room is reserved."));
        server.house.agent.end(only(), new End.Failed("it crashed", List.of("Error in library(x)")));
        assertThat(starting.get()).isEqualTo(1);
        assertThat(errors()).contains("It didn't start: it crashed").contains("    Error in library(x)");
        assertThat(output()).isEmpty();
    }

    @Test
    void starting_twice_returns_to_the_session() throws Exception {
        server.house.agent.ready(begin("ada", "default"));
        assertThat(run("start", "faithful", "--json")).isZero();
        assertThat(json().get("id").asText()).isEqualTo(only().value());
    }

    // stop

    @Test
    void stopping_asks_a_person_and_not_a_script() throws Exception {
        SessionId id = begin("ada", "default");
        terminal = true;
        typed = Optional.of("n");
        assertThat(run("stop", "faithful")).isEqualTo(1);
        assertThat(isLive(id)).isTrue();
        terminal = false;
        assertThat(run("stop", "faithful")).isZero();
        assertThat(isLive(id)).isFalse();
        assertThat(output()).endsWith("Stopped faithful.\n");
    }

    @Test
    void of_several_sessions_one_must_be_chosen() throws Exception {
        begin("ada", "default");
        SessionId paper = begin("ada", "paper");
        assertThat(run("stop", "faithful")).isEqualTo(2);
        assertThat(errors()).contains("paper").contains("--name");
        assertThat(run("stop", "faithful", "--name", "paper")).isZero();
        assertThat(isLive(paper)).isFalse();
    }

    // logs

    @Test
    void logs_are_followed_until_the_end() throws Exception {
        SessionId id = begin("ada", "default");
        server.house.agent.ready(id);
        server.house.agent.print(id, "one", "two", "three");
        CompletableFuture<Integer> following =
                CompletableFuture.supplyAsync(() -> run("logs", "faithful", "-f", "-n", "2"));
        Await.until("the last lines", () -> output().equals("two\nthree\n"));
        server.house.agent.print(id, "four");
        server.house.agent.end(id, new End.Stopped("ada"));
        assertThat(following.get()).isZero();
        assertThat(output()).isEqualTo("two\nthree\nfour\n");
    }

    @Test
    void what_is_new_in_a_log_is_found_after_rotation_too() {
        assertThat(LogsCommand.newIn(List.of("a", "b", "c"), List.of("a", "b"))).containsExactly("c");
        assertThat(LogsCommand.newIn(List.of("b", "c", "d"), List.of("a", "b", "c")))
                .containsExactly("d");
        assertThat(LogsCommand.newIn(List.of("a", "a", "a"), List.of("a", "a"))).containsExactly("a");
        assertThat(LogsCommand.newIn(List.of("x"), List.of("a", "b"))).containsExactly("x");
        assertThat(LogsCommand.newIn(List.of("a"), List.of("a"))).isEmpty();
    }

    // token

    @Test
    void a_token_is_saved_for_its_owner_alone_and_used_from_then_on() throws Exception {
        environment.remove("CARREL_TOKEN");
        typed = Optional.of("pw-ada");
        assertThat(run("token", "--user", "ada", "--expires", "30d", "--save")).isZero();
        Path file = home.resolve(".config/carrel/token");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(output()).doesNotContain(Files.readString(file).strip());
        assertThat(run("apps")).isZero();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(run("apps")).isZero();
        assertThat(errors()).contains("chmod 600");
    }

    @Test
    void a_wrong_password_is_3_and_a_scope_beyond_the_user_2() {
        typed = Optional.of("wrong");
        assertThat(run("token", "--user", "ada")).isEqualTo(3);
        typed = Optional.of("pw-ada");
        assertThat(run("token", "--user", "ada", "--scope", "admin")).isEqualTo(2);
        assertThat(run("token", "--user", "ada", "--expires", "tomorrow")).isEqualTo(2);
        assertThat(output()).isEmpty();
    }

    @Test
    void tokens_are_listed_and_revoked() {
        assertThat(run("token", "--list")).isZero();
        assertThat(output()).contains("ID").contains("use").contains("t1");
        assertThat(run("token", "--revoke", "t1")).isZero();
        assertThat(run("apps")).isEqualTo(3);
    }

    private int run(String... words) {
        Surroundings surroundings = new Surroundings(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                home,
                terminal,
                InstantSource.fixed(FakeAgent.NOW.plus(Duration.ofMinutes(3))),
                () -> locals,
                question -> typed,
                question -> typed);
        return CarrelCommand.execute(surroundings, Map.of(), words);
    }

    private String output() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private JsonNode json() throws Exception {
        return Json.readTree(out.toByteArray());
    }

    private String tokenOf(String user, Scope scope) {
        return server.house
                .make(new UserId(user), Set.of(scope), Duration.ofDays(1))
                .token();
    }

    private SessionId begin(String user, String name) {
        SessionKey key = new SessionKey(new UserId(user), new AppId("faithful"), name);
        return ((Begun.Granted) server.house.agent.begin(key, new RequestId("r")))
                .session()
                .id();
    }

    private static OtherNode silent() {
        return new OtherNode(
                new NodeId("aaaaaaaaaaaaaaaa"),
                new NodeName("n7"),
                "10.0.0.7:7444",
                OtherNode.State.UNREACHABLE,
                Optional.empty(),
                Optional.empty());
    }

    private SessionId only() {
        return server.house.agent.current().sessions().keySet().iterator().next();
    }

    private boolean isLive(SessionId id) {
        return server.house.agent.current().session(id).orElseThrow().state().isLive();
    }
}
