package org.carrel.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.control.ApiHouse.body;
import static org.carrel.control.ApiHouse.header;
import static org.carrel.control.ApiHouse.id;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.ApiWords;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Stage;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestId;
import org.carrel.port.Audit;
import org.carrel.port.Members;
import org.carrel.port.OtherNode;
import org.carrel.port.Troubles.Trouble;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTest {
    private static final Principal LOCAL = new Principal(new UserId("local"), Set.of(), Set.of(Scope.values()));
    private final ApiHouse house = new ApiHouse();

    // apps

    @Test
    void the_catalogue_shows_only_apps_whose_audience_the_asker_belongs_to() throws Exception {
        JsonNode ada = body(house.ask(TestRequest.get(ApiWords.APPS).as("ada")));
        JsonNode sue = body(house.ask(TestRequest.get(ApiWords.APPS).as("sue", "stats")));
        assertThat(ada.at("/items").findValuesAsText("id")).containsExactly("faithful", "counter");
        assertThat(sue.at("/items").findValuesAsText("id")).contains("secret");
    }

    @Test
    void an_app_that_can_not_be_started_says_why() throws Exception {
        JsonNode counter =
                body(house.ask(TestRequest.get(ApiWords.APPS + "/counter").as("ada")));
        assertThat(counter.get("available").asBoolean()).isFalse();
        assertThat(counter.get("obstacle").asText()).contains("install r-base-core");
    }

    @Test
    void an_app_for_others_is_absent() throws Exception {
        assertThat(house.ask(TestRequest.get(ApiWords.APPS + "/secret").as("ada"))
                        .status())
                .isEqualTo(404);
    }

    // nodes

    @Test
    void what_needs_attention_is_for_administrators() throws Exception {
        house.troubles = List.of(new Trouble("users", "users:7: a group must match", "mend the line"));
        assertThat(house.ask(TestRequest.get(ApiWords.TROUBLES).as("ada")).status())
                .isEqualTo(403);
        JsonNode items = body(house.ask(TestRequest.get(ApiWords.TROUBLES).as("admin", "admin")))
                .path("items");
        assertThat(items).hasSize(1);
        assertThat(items.get(0).path("node").asText()).isEqualTo("n1");
        assertThat(items.get(0).path("about").asText()).isEqualTo("users");
        assertThat(items.get(0).path("what").asText()).isEqualTo("users:7: a group must match");
        assertThat(items.get(0).path("next").asText()).isEqualTo("mend the line");
        house.troubles = List.of();
        assertThat(body(house.ask(TestRequest.get(ApiWords.TROUBLES).as("admin", "admin")))
                        .path("items"))
                .isEmpty();
    }

    @Test
    void on_the_nodes_own_socket_everything_is_seen_and_nothing_started() throws Exception {
        JsonNode session = house.start("ada", "faithful");
        TestRequest all = TestRequest.get(ApiWords.SESSIONS + "?all=true");
        assertThat(body(house.ask(all.by(LOCAL, Proof.LOCAL))).at("/items").findValuesAsText("id"))
                .containsExactly(session.get("id").asText());
        Answer.Whole refused = house.ask(
                TestRequest.post(ApiWords.SESSIONS).by(LOCAL, Proof.LOCAL).json("{\"app\":\"faithful\"}"));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(body(refused).path("detail").asText()).contains("send a token");
        assertThat(house.ask(TestRequest.delete(ApiWords.SESSIONS + "/"
                                        + session.get("id").asText())
                                .by(LOCAL, Proof.LOCAL))
                        .status())
                .as("without a page's token")
                .isEqualTo(200);
        assertThat(house.audited).anySatisfy(entry -> {
            assertThat(entry.what()).isEqualTo(Audit.What.SESSION_STOP);
            assertThat(entry.who()).isEqualTo("local");
        });
    }

    @Test
    void homes_are_ones_own_business_and_an_administrators() throws Exception {
        String ada = ApiWords.HOMES + "/ada";
        assertThat(body(house.ask(TestRequest.get(ada).as("ada"))).path("node").asText())
                .isEqualTo("n7");
        assertThat(house.ask(TestRequest.get(ada).as("ben")).status()).isEqualTo(404);
        assertThat(house.ask(TestRequest.get(ApiWords.HOMES).as("ben")).status())
                .isEqualTo(403);
        assertThat(house.ask(TestRequest.get(ApiWords.HOMES + "/..%2Fx").as("root", "admin"))
                        .status())
                .isEqualTo(404);
        String move = ada + "/move";
        assertThat(moved(move, "ada", "{\"to\":\"n1\"}").status()).isEqualTo(403);
        assertThat(moved(move, "root", "{}").status()).isEqualTo(400);
        assertThat(moved(move, "root", "{\"to\":\"n9\"}").status()).isEqualTo(404);
        Answer.Whole refused = moved(move, "root", "{\"to\":\"n1\",\"files\":false}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(body(refused).path("detail").asText()).isEqualTo("not today");
        assertThat(moved(move, "root", "{\"to\":\"n1\"}").status()).isEqualTo(202);
        JsonNode home = body(house.ask(TestRequest.get(ada).as("ada")));
        assertThat(home.path("moveState").asText()).isEqualTo("copying");
        assertThat(home.path("moveBytes").asLong()).isEqualTo(17);
        assertThat(house.audited).anySatisfy(entry -> {
            assertThat(entry.what()).isEqualTo(Audit.What.HOME_MOVE);
            assertThat(entry.more()).containsEntry("owner", "ada").containsEntry("node", "n1");
        });
    }

    private Answer.Whole moved(String path, String who, String body) throws Exception {
        TestRequest request = TestRequest.post(path);
        return house.askMeant((who.equals("root") ? request.as("root", "admin") : request.as(who)).json(body));
    }

    // starting

    @Test
    void a_start_is_created_once_and_found_the_second_time() throws Exception {
        TestRequest start = TestRequest.post(ApiWords.SESSIONS).as("ada").json("{\"app\":\"faithful\"}");
        Answer.Whole first = house.askMeant(start);
        Answer.Whole second = house.askMeant(start);
        assertThat(first.status()).isEqualTo(201);
        assertThat(second.status()).isEqualTo(200);
        assertThat(body(second).get("id")).isEqualTo(body(first).get("id"));
        assertThat(header(first, "Location"))
                .contains(ApiWords.SESSIONS + "/" + body(first).get("id").asText());
    }

    @Test
    void a_new_session_shows_its_key_node_state_and_address() throws Exception {
        JsonNode session = house.start("ada", "faithful");
        assertThat(session.get("app").asText()).isEqualTo("faithful");
        assertThat(session.get("name").asText()).isEqualTo("default");
        assertThat(session.get("owner").asText()).isEqualTo("ada");
        assertThat(session.get("node").asText()).isEqualTo("n1");
        assertThat(session.get("state").asText()).isEqualTo("reserved");
        assertThat(session.get("since").asText()).isEqualTo("2026-11-22T10:00:00Z");
        assertThat(session.get("url").asText()).isEqualTo("http://" + id(session) + ".localhost:8080/");
    }

    @Test
    void who_uses_the_portal_by_a_bare_address_gets_a_path() throws Exception {
        JsonNode session = house.start("ada", "faithful");
        JsonNode seen = body(house.ask(TestRequest.get(ApiWords.SESSIONS + "/" + id(session))
                .at("http", "127.0.0.1:8080")
                .as("ada")));
        assertThat(seen.get("url").asText()).isEqualTo("/s/" + id(session) + "/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "secret", "", "../etc", "FAITHFUL"})
    void an_app_that_is_absent_or_for_others_can_not_be_started(String app) throws Exception {
        Answer.Whole answer =
                house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").json("{\"app\":\"" + app + "\"}"));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(body(answer).get("type").asText()).isEqualTo("urn:carrel:no-such-app");
        assertThat(house.agent.current().sessions()).isEmpty();
    }

    @Test
    void who_wants_to_wait_gets_a_ticket_and_the_place_in_line() throws Exception {
        house.agent.waiting = new Stage.InLine(2);
        Answer.Whole line = house.askMeant(
                TestRequest.post(ApiWords.SESSIONS).as("ada").json("{\"app\":\"faithful\",\"queue\":true}"));
        assertThat(line.status()).isEqualTo(503);
        assertThat(header(line, "Retry-After")).contains("2");
        assertThat(body(line).get("type").asText()).isEqualTo("urn:carrel:in-line");
        assertThat(body(line).get("position").asInt()).isEqualTo(2);
        String ticket = body(line).get("ticket").asText();
        house.agent.waiting = null;
        Answer.Whole begun = house.askMeant(TestRequest.post(ApiWords.SESSIONS)
                .as("ada")
                .json("{\"app\":\"faithful\",\"ticket\":\"" + ticket + "\"}"));
        assertThat(begun.status()).isEqualTo(201);
        assertThat(house.agent.asked).allMatch(it -> it.ticket().value().equals(ticket) && it.waits());
    }

    @Test
    void who_gives_up_gives_the_ticket_back() throws Exception {
        Answer.Whole given = house.askMeant(
                TestRequest.delete(ApiWords.TICKETS + "/faithful/default/t-1").as("ada"));
        assertThat(given.status()).isEqualTo(204);
        assertThat(house.agent.calledOff).containsExactly(new RequestId("t-1"));
        assertThat(house.askMeant(TestRequest.delete(ApiWords.TICKETS + "/nothing/default/t-1")
                                .as("ada"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void a_machine_can_be_chosen() throws Exception {
        house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").json("{\"app\":\"faithful\",\"node\":\"n2\"}"));
        assertThat(house.agent.asked.getFirst().on()).contains(new NodeName("n2"));
        assertThat(house.askMeant(TestRequest.post(ApiWords.SESSIONS)
                                .as("ada")
                                .json("{\"app\":\"faithful\",\"node\":\"a b\"}"))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_full_node_says_when_to_ask_again() throws Exception {
        for (String user : List.of("ada", "ben", "cyd")) house.start(user, "faithful");
        Answer.Whole answer =
                house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("dan").json("{\"app\":\"faithful\"}"));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(header(answer, "Retry-After")).contains("30");
        assertThat(header(answer, "Content-Type")).contains(ApiWords.PROBLEM_TYPE);
        assertThat(body(answer).get("type").asText()).isEqualTo("urn:carrel:full");
        assertThat(body(answer).get("detail").asText()).contains("all 3 places are taken");
    }

    @Test
    void a_draining_node_begins_nothing() throws Exception {
        house.agent.drain(true);
        Answer.Whole answer =
                house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").json("{\"app\":\"faithful\"}"));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(header(answer, "Retry-After")).isPresent();
    }

    @Test
    void what_can_not_run_here_says_what_to_do() throws Exception {
        Answer.Whole answer =
                house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").json("{\"app\":\"counter\"}"));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(body(answer).get("detail").asText()).contains("install r-base-core");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | app: is required",
                "{\"app\":null} | app: is required",
                "{\"app\":\"faithful\",\"name\":\"a b\"} | name: ",
                "{\"app\":\"faithful\",\"nme\":\"x\"} | unknown field \"nme\"; known: app, elsewhere, name, node, queue, ticket",
                "{\"app\":7} | field \"app\" has the wrong type; a text is wanted",
                "{\"app\":[\"x\"]} | field \"app\" has the wrong type",
                "{\"app\":\"faithful\",\"app\":\"counter\"} | Duplicate",
                "{\"app\":\"faithful\"} {} | stands behind the JSON value",
                "[] | the body has the wrong type",
                "null | must be a JSON object",
                "{\"app\" | not well-formed JSON",
                "x | not well-formed JSON at line 1",
            })
    void a_wrong_body_is_refused_and_the_field_is_named(String sent, String told) throws Exception {
        Answer.Whole answer =
                house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").json(sent));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(body(answer).get("detail").asText()).contains(told.trim());
        assertThat(house.agent.current().sessions()).isEmpty();
    }

    @Test
    void deep_nesting_is_refused() throws Exception {
        String deep = "{\"app\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
        assertThat(house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").json(deep))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_long_body_is_refused() throws Exception {
        String big = "{\"app\":\"" + "x".repeat(70_000) + "\"}";
        assertThat(house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").json(big))
                        .status())
                .isEqualTo(413);
    }

    @Test
    void a_form_is_not_json() throws Exception {
        assertThat(house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").form("app=faithful"))
                        .status())
                .isEqualTo(415);
    }

    // other people's sessions

    @Test
    void to_another_user_a_session_is_absent_in_every_way() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        String one = ApiWords.SESSIONS + "/" + id;
        List<TestRequest> tries = List.of(
                TestRequest.get(one),
                TestRequest.of("HEAD", one),
                TestRequest.delete(one),
                TestRequest.post(one + "/extend"),
                TestRequest.get(one + "/logs"),
                TestRequest.get(one + "/events"));
        String absent = ApiWords.SESSIONS + "/" + "a".repeat(16);
        byte[] same = house.ask(TestRequest.get(absent).as("ben")).body();
        for (TestRequest attempt : tries) {
            if (attempt.method().equals("HEAD")) {
                assertThat(house.ask(attempt.as("ben")).status()).isEqualTo(404);
                continue;
            }
            Answer.Whole answer = house.askMeant(attempt.as("ben"));
            assertThat(answer.status()).as(attempt.path()).isEqualTo(404);
            assertThat(answer.body()).isEqualTo(same);
        }
        assertThat(house.agent.current().session(id).orElseThrow().state().isLive())
                .isTrue();
        assertThat(house.agent.extended()).isEmpty();
    }

    @Test
    void lists_hold_ones_own_sessions_and_everybodys_only_for_administrators_who_ask() throws Exception {
        house.start("ada", "faithful");
        house.start("ben", "faithful");
        assertThat(owners("ada", "")).containsExactly("ada");
        assertThat(owners("ada", "?all=true")).containsExactly("ada");
        assertThat(owners("ada", "?owner=ben")).isEmpty();
        assertThat(ownersFor(TestRequest.get(ApiWords.SESSIONS).as("root", "admin")))
                .isEmpty();
        assertThat(ownersFor(TestRequest.get(ApiWords.SESSIONS + "?all=true").as("root", "admin")))
                .containsExactlyInAnyOrder("ada", "ben");
        assertThat(ownersFor(TestRequest.get(ApiWords.SESSIONS + "?owner=ben").as("root", "admin")))
                .containsExactly("ben");
    }

    @Test
    void lists_are_filtered_by_app_and_state() throws Exception {
        house.start("ada", "faithful");
        assertThat(owners("ada", "?app=faithful&state=reserved")).hasSize(1);
        assertThat(owners("ada", "?app=counter")).isEmpty();
        assertThat(owners("ada", "?state=ended")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"?stat=ended", "?state=dead", "?all=yes"})
    void a_misspelt_filter_is_refused(String query) throws Exception {
        assertThat(house.ask(TestRequest.get(ApiWords.SESSIONS + query).as("root", "admin"))
                        .status())
                .isEqualTo(400);
    }

    // one session

    @Test
    void a_running_session_shows_its_process_its_use_and_when_it_would_be_stopped() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        house.agent.ready(id);
        Instant at = Instant.parse("2026-11-22T12:00:00Z");
        house.agent.observe(id, 7.5, new IdleVerdict.Warn("no input for 2 h", at));
        JsonNode session =
                body(house.ask(TestRequest.get(ApiWords.SESSIONS + "/" + id).as("ada")));
        assertThat(session.get("state").asText()).isEqualTo("ready");
        assertThat(session.get("pid").asLong()).isEqualTo(4711);
        assertThat(session.get("cpuPercent").asDouble()).isEqualTo(7.5);
        assertThat(session.get("cpuHistory")).hasSize(2);
        assertThat(session.get("verdict").asText()).isEqualTo("warn");
        assertThat(session.get("reason").asText()).isEqualTo("no input for 2 h");
        assertThat(session.get("stopsAt").asText()).isEqualTo("2026-11-22T12:00:00Z");
    }

    @Test
    void what_is_never_stopped_has_no_time_of_stopping() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        house.agent.ready(id);
        house.agent.observe(id, 7.5, new IdleVerdict.Keep("in use", Instant.MAX));
        JsonNode session =
                body(house.ask(TestRequest.get(ApiWords.SESSIONS + "/" + id).as("ada")));
        assertThat(session.has("stopsAt")).isFalse();
        assertThat(session.get("verdict").asText()).isEqualTo("keep");
    }

    @Test
    void a_session_that_failed_tells_its_cause_and_last_lines() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        house.agent.end(id, new End.Failed("not ready in 60 s", List.of("Error in library(x)")));
        JsonNode session =
                body(house.ask(TestRequest.get(ApiWords.SESSIONS + "/" + id).as("ada")));
        assertThat(session.get("state").asText()).isEqualTo("ended");
        assertThat(session.get("reason").asText()).isEqualTo("not ready in 60 s");
        assertThat(session.at("/log/0").asText()).isEqualTo("Error in library(x)");
    }

    @Test
    void stopping_twice_is_harmless_and_tells_who_stopped_it() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        TestRequest stop = TestRequest.delete(ApiWords.SESSIONS + "/" + id);
        assertThat(house.askMeant(stop.as("root", "admin")).status()).isEqualTo(200);
        Answer.Whole again = house.askMeant(stop.as("ada"));
        assertThat(again.status()).isEqualTo(200);
        assertThat(body(again).get("reason").asText()).isEqualTo("stopped by root");
        assertThat(house.audited)
                .extracting(entry -> entry.what().word() + " " + entry.who() + " "
                        + entry.more().get("session"))
                .containsExactly("session-asked ada " + id, "session-stop root " + id, "session-stop ada " + id);
    }

    @Test
    void extending_counts_for_the_one_who_asked() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        assertThat(house.askMeant(TestRequest.post(ApiWords.SESSIONS + "/" + id + "/extend")
                                .as("ada"))
                        .status())
                .isEqualTo(200);
        assertThat(house.agent.extended()).containsExactly(new UserId("ada"));
    }

    @Test
    void a_log_is_plain_text_and_never_a_page() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        house.agent.print(id, "one", "<script>alert(1)</script>", "three");
        Answer.Whole log = house.ask(
                TestRequest.get(ApiWords.SESSIONS + "/" + id + "/logs?lines=2").as("ada"));
        assertThat(new String(log.body(), StandardCharsets.UTF_8)).isEqualTo("<script>alert(1)</script>\nthree\n");
        assertThat(header(log, "Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(header(log, "X-Content-Type-Options")).contains("nosniff");
    }

    @Test
    void an_administrators_look_at_somebodys_log_is_noted_and_ones_own_is_not() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        TestRequest look = TestRequest.get(ApiWords.SESSIONS + "/" + id + "/logs");
        house.ask(look.as("ada"));
        assertThat(house.audited).noneMatch(entry -> entry.what() == Audit.What.LOG_READ);
        house.ask(look.as("root", "admin"));
        assertThat(house.audited.getLast().what()).isEqualTo(Audit.What.LOG_READ);
        assertThat(house.audited.getLast().who()).isEqualTo("root");
        assertThat(house.audited.getLast().more()).containsEntry("owner", "ada").containsKeys("from", "request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "10001", "many", "1e3", "99999999999999999999"})
    void an_impossible_number_of_lines_is_refused(String lines) throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        String path = ApiWords.SESSIONS + "/" + id + "/logs?lines=" + lines;
        assertThat(house.ask(TestRequest.get(path).as("ada")).status()).isEqualTo(400);
    }

    // nodes

    @Test
    void another_node_is_shown_with_how_it_is_reached() throws Exception {
        house.agent.sees(silent());
        JsonNode nodes =
                body(house.ask(TestRequest.get(ApiWords.NODES).as("ada"))).get("items");
        assertThat(nodes).hasSize(2);
        JsonNode other = nodes.get(1);
        assertThat(other.get("name").asText()).isEqualTo("n7");
        assertThat(other.get("state").asText()).isEqualTo("unreachable");
        assertThat(other.get("address").asText()).isEqualTo("10.0.0.7:7444");
        assertThat(other.get("phi").asDouble()).isEqualTo(12.35);
        assertThat(other.get("phiThreshold").asDouble()).isEqualTo(8);
        assertThat(other.get("lastHeartbeatMs").asLong()).isEqualTo(5000);
        assertThat(nodes.get(0).has("address")).isFalse();
        assertThat(body(house.ask(TestRequest.get(ApiWords.NODES + "/n7").as("ada"))))
                .isEqualTo(other);
        TestRequest drain = TestRequest.post(ApiWords.NODES + "/n7/drain").as("root", "admin");
        assertThat(house.askMeant(drain).status()).as("silent").isEqualTo(503);
    }

    @Test
    void only_administrators_forget_and_only_machines_that_are_out_of_reach() throws Exception {
        house.agent.sees(silent());
        String forget = ApiWords.NODES + "/n7/forget";
        assertThat(house.askMeant(TestRequest.post(forget).as("ada")).status()).isEqualTo(403);
        house.forgot = new Members.Forgot.Reachable();
        assertThat(house.askMeant(TestRequest.post(forget).as("root", "admin")).status())
                .isEqualTo(409);
        assertThat(house.audited).isEmpty();
        house.forgot = new Members.Forgot.Done();
        assertThat(house.askMeant(TestRequest.post(forget).as("root", "admin")).status())
                .isEqualTo(202);
        assertThat(house.audited.getLast().what()).isEqualTo(Audit.What.NODE_FORGET);
        assertThat(house.audited.getLast().more()).containsEntry("node", "n7");
        String own = ApiWords.NODES + "/n1/forget";
        assertThat(house.askMeant(TestRequest.post(own).as("root", "admin")).status())
                .isEqualTo(409);
        String nobody = ApiWords.NODES + "/n9/forget";
        assertThat(house.askMeant(TestRequest.post(nobody).as("root", "admin")).status())
                .isEqualTo(404);
    }

    @Test
    void only_administrators_shut_machines_out_and_let_them_in_again() throws Exception {
        house.agent.sees(silent());
        String forget = ApiWords.NODES + "/n7/forget";
        String revoke = "{\"revoke\":true}";
        for (TestRequest asked : List.of(
                TestRequest.post(forget).as("ada").json(revoke),
                TestRequest.get(ApiWords.SHUT_OUT).as("ada"),
                TestRequest.of("DELETE", ApiWords.SHUT_OUT + "/n7").as("ada")))
            assertThat(house.askMeant(asked).status()).isEqualTo(403);
        assertThat(house.shutOuts.present()).isEmpty();
        assertThat(house.askMeant(TestRequest.post(forget).as("root", "admin").json(revoke))
                        .status())
                .as("whether or not it is out of reach")
                .isEqualTo(202);
        assertThat(house.audited.getLast().what()).isEqualTo(Audit.What.NODE_SHUT_OUT);
        assertThat(house.audited.getLast().more()).containsEntry("id", "0000000000000007");
        String gone = ApiWords.NODES + "/00000000000000aa/forget";
        assertThat(house.askMeant(TestRequest.post(gone).as("root", "admin").json(revoke))
                        .status())
                .as("one that is on the list no more")
                .isEqualTo(202);
        String own = ApiWords.NODES + "/n1/forget";
        assertThat(house.askMeant(TestRequest.post(own).as("root", "admin").json(revoke))
                        .status())
                .isEqualTo(409);
        assertThat(body(house.ask(TestRequest.get(ApiWords.SHUT_OUT).as("root", "admin")))
                        .findValuesAsText("name"))
                .containsExactly("n7", "00000000000000aa");
        TestRequest letIn = TestRequest.of("DELETE", ApiWords.SHUT_OUT + "/n7").as("root", "admin");
        assertThat(house.askMeant(letIn).status()).isEqualTo(200);
        assertThat(house.audited.getLast().what()).isEqualTo(Audit.What.NODE_LET_IN);
        assertThat(house.askMeant(letIn).status()).isEqualTo(404);
        house.shutOuts.hasKey = false;
        assertThat(house.askMeant(TestRequest.post(forget).as("root", "admin").json(revoke))
                        .status())
                .isEqualTo(409);
    }

    static OtherNode silent() {
        return new OtherNode(
                new NodeId("0000000000000007"),
                new NodeName("n7"),
                "10.0.0.7:7444",
                OtherNode.State.UNREACHABLE,
                Optional.of(new OtherNode.Phi(12.345678, 8, java.time.Duration.ofSeconds(5))),
                Optional.empty());
    }

    @Test
    void services_are_launched_by_administrators_and_started_by_nobody() throws Exception {
        String site = ApiWords.SERVICES + "/site";
        TestRequest launch = TestRequest.post(site).json("{\"copies\":2}");
        assertThat(house.askMeant(launch.as("ada")).status()).isEqualTo(403);
        assertThat(house.audited).isEmpty();
        Answer answer = house.api.answer(launch.as("root", "admin").with(ApiWords.CSRF_HEADER, ApiHouse.CSRF));
        var steps = ((Answer.Events) answer).feed();
        assertThat(steps.next(java.time.Duration.ZERO).orElseThrow().name()).isEqualTo("step");
        assertThat(steps.next(java.time.Duration.ZERO).orElseThrow().data())
                .isEqualTo("{\"what\":\"done\",\"text\":\"copies: 2\"}");
        assertThat(steps.ended()).isTrue();
        assertThat(house.audited.getLast().what()).isEqualTo(Audit.What.SERVICE_LAUNCH);
        assertThat(house.audited.getLast().more()).containsEntry("copies", "2");
        for (String wrong : List.of("{}", "{\"copies\":-1}", "{\"copies\":1001}"))
            assertThat(house.askMeant(TestRequest.post(site).as("root", "admin").json(wrong))
                            .status())
                    .as(wrong)
                    .isEqualTo(400);
        TestRequest busy = TestRequest.post(site).as("root", "admin").json("{\"copies\":101}");
        assertThat(house.askMeant(busy).status()).isEqualTo(409);
        String app = ApiWords.SERVICES + "/faithful";
        assertThat(house.askMeant(TestRequest.post(app).as("root", "admin").json("{\"copies\":1}"))
                        .status())
                .isEqualTo(404);
        assertThat(body(house.ask(TestRequest.get(ApiWords.SERVICES).as("root", "admin")))
                        .at("/items/0/path")
                        .asText())
                .isEqualTo("/service/site/");
        assertThat(house.ask(TestRequest.get(ApiWords.APPS + "/site").as("ada")).status())
                .isEqualTo(404);
        assertThat(house.askMeant(TestRequest.post(ApiWords.SESSIONS).as("ada").json("{\"app\":\"site\"}"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void administrators_set_and_remove_what_a_machine_remembers() throws Exception {
        String path = ApiWords.NODES + "/n1/metadata";
        TestRequest set = TestRequest.post(path).json("{\"set\":{\"rack\":\"b2\",\"owner\":\"lab\"}}");
        assertThat(house.askMeant(set.as("ada")).status()).isEqualTo(403);
        assertThat(house.ask(TestRequest.get(path).as("ada")).status()).isEqualTo(403);
        assertThat(house.metadata.entries()).isEmpty();
        JsonNode now = body(house.askMeant(set.as("root", "admin")));
        assertThat(now.at("/metadata/rack").asText()).isEqualTo("b2");
        assertThat(house.audited.getLast().what()).isEqualTo(Audit.What.NODE_METADATA);
        assertThat(house.audited.getLast().more()).containsEntry("set", "{owner=lab, rack=b2}");
        house.askMeant(TestRequest.post(path).as("root", "admin").json("{\"remove\":[\"rack\"]}"));
        assertThat(house.metadata.entries()).containsOnlyKeys("owner");
        assertThat(body(house.ask(TestRequest.get(path).as("root", "admin")))
                        .at("/metadata/owner")
                        .asText())
                .isEqualTo("lab");
        for (String wrong : List.of(
                "{\"set\":{\"A B\":\"\"}}",
                "{\"set\":{\"a\":null}}",
                "{\"set\":{\"a\":\"\\u0007\"}}",
                "{\"remove\":[null]}"))
            assertThat(house.askMeant(TestRequest.post(path).as("root", "admin").json(wrong))
                            .status())
                    .as(wrong)
                    .isEqualTo(400);
        String many = java.util.stream.IntStream.range(0, 64)
                .mapToObj(i -> "\"k" + i + "\":\"\"")
                .collect(java.util.stream.Collectors.joining(","));
        TestRequest tooMany = TestRequest.post(path).as("root", "admin").json("{\"set\":{" + many + "}}");
        assertThat(house.askMeant(tooMany).status()).isEqualTo(409);
        house.agent.sees(silent());
        assertThat(house.ask(TestRequest.get(ApiWords.NODES + "/n7/metadata").as("root", "admin"))
                        .status())
                .isEqualTo(503);
        assertThat(house.ask(TestRequest.get(ApiWords.NODES + "/n9/metadata").as("root", "admin"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void only_administrators_drain() throws Exception {
        String drain = ApiWords.NODES + "/n1/drain";
        assertThat(house.askMeant(TestRequest.post(drain).as("ada")).status()).isEqualTo(403);
        assertThat(house.agent.current().nodes().getFirst().draining()).isFalse();
        JsonNode node = body(house.askMeant(TestRequest.post(drain).as("root", "admin")));
        assertThat(node.get("state").asText()).isEqualTo("draining");
        assertThat(house.agent.current().nodes().getFirst().draining()).isTrue();
        house.askMeant(TestRequest.post(ApiWords.NODES + "/n1/undrain").as("root", "admin"));
        assertThat(house.agent.current().nodes().getFirst().draining()).isFalse();
    }

    @Test
    void an_unknown_node_is_absent() throws Exception {
        assertThat(house.ask(TestRequest.get(ApiWords.NODES + "/n9").as("ada")).status())
                .isEqualTo(404);
    }

    // who asks

    @Test
    void nobody_gets_401_and_no_dialog_of_the_browser() throws Exception {
        Answer.Whole answer = house.ask(TestRequest.get(ApiWords.SESSIONS));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(header(answer, "WWW-Authenticate")).contains("Bearer realm=\"carrel\"");
        assertThat(body(answer).get("request").asText()).isEqualTo("test-1");
    }

    @Test
    void a_token_for_metrics_sees_no_sessions() throws Exception {
        Principal meter = new Principal(new UserId("prom"), Set.of(), Set.of(Scope.METRICS));
        assertThat(house.ask(TestRequest.get(ApiWords.SESSIONS).by(meter, Proof.TOKEN))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void an_unsafe_request_by_cookie_must_be_meant_and_one_by_token_is() throws Exception {
        TestRequest start = TestRequest.post(ApiWords.SESSIONS).json("{\"app\":\"faithful\"}");
        assertThat(house.ask(start.as("ada")).status()).isEqualTo(403);
        assertThat(house.agent.current().sessions()).isEmpty();
        Principal ada = new Principal(new UserId("ada"), Set.of(), Set.of(Scope.USE));
        assertThat(house.ask(start.by(ada, Proof.TOKEN)).status()).isEqualTo(201);
    }

    @Test
    void me_tells_pages_their_token_and_programs_none() throws Exception {
        Principal ada = new Principal(new UserId("ada"), Set.of("b", "a"), Set.of(Scope.USE));
        JsonNode page = body(house.ask(TestRequest.get(ApiWords.ME).by(ada, Proof.COOKIE)));
        assertThat(page.get("csrf").asText()).isEqualTo(ApiHouse.CSRF);
        assertThat(page.get("groups")).hasToString("[\"a\",\"b\"]");
        assertThat(body(house.ask(TestRequest.get(ApiWords.ME).by(ada, Proof.TOKEN)))
                        .get("csrf")
                        .asText())
                .isEmpty();
    }

    // tokens

    @Test
    void a_token_is_made_for_a_password_only() throws Exception {
        TestRequest make = TestRequest.post(ApiWords.TOKENS);
        assertThat(house.askMeant(make.as("ada")).status()).isEqualTo(401);
        assertThat(house.ask(make.with("Authorization", basic("ada", "wrong"))).status())
                .isEqualTo(401);
        Answer.Whole made = house.ask(make.with("Authorization", basic("ada", "pw-ada")));
        assertThat(made.status()).isEqualTo(201);
        assertThat(body(made).get("token").asText()).startsWith("carrel_");
        assertThat(body(made).get("expires").asText()).isEqualTo("2026-11-23T10:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"scopes\":[\"admin\"]}",
                "{\"scopes\":[\"everything\"]}",
                "{\"scopes\":[]}",
                "{\"scopes\":[null]}",
                "{\"expiresIn\":59}",
                "{\"expiresIn\":31536001}",
                "{\"expiresIn\":1.5}",
                "{\"expiresIn\":\"60\"}"
            })
    void a_token_holds_no_more_than_its_user_and_not_for_ever(String wanted) throws Exception {
        Answer.Whole answer = house.ask(TestRequest.post(ApiWords.TOKENS)
                .with("Authorization", basic("ada", "pw-ada"))
                .json(wanted));
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void who_tries_too_often_waits() throws Exception {
        Answer.Whole answer = house.ask(TestRequest.post(ApiWords.TOKENS).with("Authorization", basic("mallory", "x")));
        assertThat(answer.status()).isEqualTo(429);
        assertThat(header(answer, "Retry-After")).contains("7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic !!!", "Basic YWRh", "Bearer x", "basic"})
    void credentials_that_are_none_are_refused(String sent) throws Exception {
        assertThat(house.ask(TestRequest.post(ApiWords.TOKENS).with("Authorization", sent))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void tokens_are_listed_without_their_secret_and_revoked() throws Exception {
        house.ask(TestRequest.post(ApiWords.TOKENS).with("Authorization", basic("ada", "pw-ada")));
        Answer.Whole list = house.ask(TestRequest.get(ApiWords.TOKENS).as("ada"));
        assertThat(new String(list.body(), StandardCharsets.UTF_8)).doesNotContain("carrel_");
        String id = body(list).at("/items/0/id").asText();
        TestRequest revoke = TestRequest.delete(ApiWords.TOKENS + "/" + id).as("ada");
        assertThat(house.askMeant(revoke).status()).isEqualTo(204);
        assertThat(house.askMeant(revoke).status()).isEqualTo(404);
        assertThat(house.audited)
                .extracting(entry -> entry.what().word() + " " + entry.who())
                .containsExactly("token-made ada", "token-revoked ada");
        assertThat(house.audited.toString()).doesNotContain("carrel_", "pw-ada");
    }

    // the protocol

    @Test
    void an_unknown_path_is_404_and_another_method_405_with_allow() throws Exception {
        assertThat(house.ask(TestRequest.get("/api/v1/nothing").as("ada")).status())
                .isEqualTo(404);
        assertThat(house.ask(TestRequest.get(ApiWords.SESSIONS + "/").as("ada")).status())
                .isEqualTo(404);
        Answer.Whole other = house.ask(TestRequest.of("PUT", ApiWords.SESSIONS).as("ada"));
        assertThat(other.status()).isEqualTo(405);
        assertThat(header(other, "Allow")).contains("GET, HEAD, OPTIONS, POST");
        assertThat(house.ask(TestRequest.of("TRACE", ApiWords.SESSIONS).as("ada"))
                        .status())
                .isEqualTo(405);
    }

    @Test
    void options_tells_the_methods() throws Exception {
        Answer.Whole answer = house.ask(TestRequest.of("OPTIONS", ApiWords.SESSIONS + "/" + "a".repeat(16)));
        assertThat(answer.status()).isEqualTo(204);
        assertThat(header(answer, "Allow")).contains("DELETE, GET, HEAD, OPTIONS");
        assertThat(header(answer, "Access-Control-Allow-Origin")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | 200",
                "*/* | 200",
                "application/* | 200",
                "text/html, */*;q=0.1 | 200",
                "text/html | 406",
                "application/json;q=0 | 406",
                "*/*, application/json;q=0.0 | 406",
            })
    void what_a_client_does_not_take_is_406(String accept, int status) throws Exception {
        assertThat(house.ask(TestRequest.get(ApiWords.APPS).as("ada").with("Accept", accept))
                        .status())
                .isEqualTo(status);
    }

    private List<String> owners(String user, String query) throws Exception {
        return ownersFor(TestRequest.get(ApiWords.SESSIONS + query).as(user));
    }

    private List<String> ownersFor(TestRequest request) throws Exception {
        return body(house.ask(request)).at("/items").findValuesAsText("owner");
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
