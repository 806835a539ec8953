package org.carrel.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.session.SessionId;
import org.carrel.http.Answer;
import org.carrel.http.Request.Proof;
import org.carrel.port.Invites;
import org.carrel.port.Members;
import org.carrel.support.FakeAgent;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The description is made from the table that the router uses; this holds it against what the operations really
/// answer.
class OpenApiTest {
    private final ApiHouse house = new ApiHouse();
    private JsonNode document = NullNode.getInstance();
    private String session = "";

    @BeforeEach
    void start_a_session_and_read_the_description() throws Exception {
        SessionId id = ApiHouse.id(house.start("root", "faithful"));
        house.agent.ready(id);
        house.agent.observe(id, 1.5, new IdleVerdict.Keep("in use", FakeAgent.NOW.plusSeconds(60)));
        house.ask(TestRequest.post(ApiWords.TOKENS).with("Authorization", password()));
        house.agent.sees(ApiTest.silent());
        house.forgot = new Members.Forgot.Done();
        session = id.value();
        document = ApiHouse.body(house.ask(TestRequest.get(ApiWords.OPENAPI)));
    }

    @Test
    void every_route_is_described_and_nothing_else() {
        List<String> described = new ArrayList<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation ->
                                described.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
        List<String> routed = house.api.routes().stream()
                .map(route -> route.method() + " " + route.path().text())
                .toList();
        assertThat(described).containsExactlyInAnyOrderElementsOf(routed);
        assertThat(document.get("openapi").asText()).isEqualTo("3.1.0");
        assertThat(document.at("/info/version").asText()).isEqualTo("0.1.0-test");
    }

    @Test
    void operations_have_names_of_their_own() {
        List<String> names = document.findValuesAsText("operationId");
        assertThat(names).doesNotHaveDuplicates().hasSameSizeAs(house.api.routes());
    }

    @Test
    void every_reference_leads_somewhere() {
        for (String reference : document.findValuesAsText("$ref"))
            assertThat(document.at(reference.substring(1)).isMissingNode())
                    .as(reference)
                    .isFalse();
    }

    @Test
    void every_operation_answers_as_described() throws Exception {
        house.invited = new Invites.Invited.Token("carrel-join-abc", "0a1b2c3d", FakeAgent.NOW);
        house.shutOuts.shutOut("0000000000000007");
        List<Route> routes = house.api.routes().stream()
                .sorted((a, b) ->
                        Boolean.compare(a.method().equals("DELETE"), b.method().equals("DELETE")))
                .toList();
        for (Route route : routes) {
            Answer answer = house.api.answer(requestFor(route));
            if (answer instanceof Answer.Events events) {
                events.feed().close();
                assertThat(route.produces()).isEqualTo("text/event-stream");
                continue;
            }
            Answer.Whole whole = (Answer.Whole) answer;
            assertThat(whole.status()).as(route.id()).isBetween(200, 299);
            assertFits(route, whole);
        }
    }

    @Test
    void errors_are_as_described_too() throws Exception {
        for (Route route : house.api.routes()) {
            Answer.Whole answer = (Answer.Whole)
                    (route.access() == Route.Access.ANYONE
                            ? house.api.answer(requestFor(route).with("Accept", "image/png"))
                            : house.api.answer(TestRequest.of(route.method(), pathOf(route))));
            assertThat(answer.status()).as(route.id()).isIn(401, 406);
            assertFits(route, answer);
        }
    }

    @Test
    void the_checker_itself_sees_what_does_not_fit() throws Exception {
        JsonNode schema = tree("{\"$ref\":\"#/components/schemas/Problem\"}");
        SchemaCheck check = new SchemaCheck(document);
        assertThat(check.faults(schema, tree("{\"type\":\"x\",\"title\":\"x\",\"status\":1}")))
                .isEmpty();
        assertThat(check.faults(schema, tree("{\"type\":\"x\",\"title\":7,\"extra\":1}")))
                .hasSize(3);
        assertThat(check.faults(schema, tree("[]"))).hasSize(1);
    }

    private void assertFits(Route route, Answer.Whole answer) throws Exception {
        JsonNode described = document.get("paths")
                .get(route.path().text())
                .get(route.method().toLowerCase(Locale.ROOT))
                .get("responses")
                .get(Integer.toString(answer.status()));
        assertThat(described).as(route.id() + " answered " + answer.status()).isNotNull();
        if (!described.has("content")) {
            assertThat(answer.body()).isEmpty();
            return;
        }
        String type = described.get("content").fieldNames().next();
        assertThat(ApiHouse.header(answer, "Content-Type").orElse("")).startsWith(type);
        if (!type.endsWith("json")) return;
        JsonNode schema = described.get("content").get(type).get("schema");
        assertThat(new SchemaCheck(document).faults(schema, ApiHouse.body(answer)))
                .as(route.id())
                .isEmpty();
    }

    private TestRequest requestFor(Route route) {
        TestRequest request = TestRequest.of(route.method(), pathOf(route)).with(ApiWords.CSRF_HEADER, ApiHouse.CSRF);
        if (route.access() == Route.Access.PASSWORD) return request.with("Authorization", password());
        request = request.as("root", "admin");
        if (route.id().equals("moveHome")) return request.json("{\"to\":\"n1\"}");
        if (route.id().equals("invite"))
            return request.by(request.principal().orElseThrow(), Proof.LOCAL).json("{}");
        if (route.id().equals("launchService")) return request.json("{\"copies\":1}");
        return route.id().equals("startSession") ? request.json("{\"app\":\"faithful\"}") : request;
    }

    private String pathOf(Route route) {
        String node = route.id().equals("forgetNode") ? "n7" : "n1";
        String path = route.path()
                .text()
                .replace("{name}", node)
                .replace("{node}", "n7")
                .replace("{user}", "ada")
                .replace("{app}", route.path().text().startsWith(ApiWords.SERVICES) ? "site" : "faithful");
        if (path.startsWith(ApiWords.TICKETS)) return path.replace("{ticket}", "t-1");
        if (path.startsWith(ApiWords.APPS)) return path.replace("{id}", "faithful");
        if (path.startsWith(ApiWords.TOKENS)) return path.replace("{id}", "t1");
        return path.replace("{id}", session);
    }

    private static JsonNode tree(String json) throws Exception {
        return Json.readTree(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String password() {
        return "Basic " + Base64.getEncoder().encodeToString("ada:pw-ada".getBytes(StandardCharsets.UTF_8));
    }
}
