package org.carrel.face.picluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.Json;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Request.Proof;
import org.carrel.port.Audit;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.support.FakeAgent;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PiClusterFaceTest {
    private static final Principal PI = new Principal(new UserId("pi"), Set.of("admin"), Set.of(Scope.NODES));

    private final FakeAgent agent = FakeAgent.withApps();
    private final List<Audit.Entry> audited = new ArrayList<>();
    private Metadata metadata = Metadata.NONE;
    private final PiClusterFace face = new PiClusterFace(
            new Neighbourhood(agent, () -> "192.168.86.121"),
            change -> {
                metadata = metadata.with(change);
                return metadata;
            },
            audited::add);

    @BeforeEach
    void others() {
        agent.sees(other("n2", "192.168.86.122:7444", OtherNode.State.UP, "works.nginx_webserver"));
        agent.sees(other("n3", "[fd00::3]:7444", OtherNode.State.DRAINING, "works.nginx_webserver"));
        agent.sees(other("n4", "192.168.86.124:7444", OtherNode.State.UNREACHABLE, "works.nginx_webserver"));
    }

    @Test
    void those_that_answer_are_alive() throws Exception {
        assertThat(get("/nodes/alive").toString()).isEqualTo("[\"192.168.86.121\",\"192.168.86.122\",\"fd00::3\"]");
    }

    @Test
    void their_load_is_told_by_address() throws Exception {
        JsonNode all = get("/nodes/monitoring");
        assertThat(all.size()).isEqualTo(3);
        assertThat(all.get("192.168.86.122").toString())
                .isEqualTo("{\"cpu\":12.3,\"ram\":25.0,\"load_averages\":[0.75]}");
    }

    @Test
    void who_works_a_service_is_told_with_all_it_works() throws Exception {
        assertThat(get("/nodes/workingService/nginx_webserver").toString())
                .isEqualTo("[{\"ip\":\"192.168.86.122\",\"services\":[\"nginx_webserver\"]},"
                        + "{\"ip\":\"fd00::3\",\"services\":[\"nginx_webserver\"]}]");
        assertThat(get("/nodes/workingService/other").size()).isZero();
    }

    @Test
    void a_service_is_added_to_this_node_and_removed() throws Exception {
        TestRequest add = TestRequest.of("PUT", "/meta-data/add-service/nginx_webserver");
        assertThat(json(ask(add.by(PI, Proof.TOKEN))).toString())
                .isEqualTo("{\"ip\":\"192.168.86.121\",\"services\":[\"nginx_webserver\"]}");
        assertThat(metadata.entries()).containsExactly(Map.entry("works.nginx_webserver", "on"));
        assertThat(audited.getLast().more()).containsEntry("set", "works.nginx_webserver");
        TestRequest remove = TestRequest.of("PUT", "/meta-data/remove-service/nginx_webserver");
        assertThat(json(ask(remove.by(PI, Proof.TOKEN))).at("/services").size()).isZero();
        assertThat(metadata.entries()).isEmpty();
    }

    @Test
    void without_the_scope_or_by_a_cookie_nothing_is_told_or_changed() throws Exception {
        Principal user = new Principal(new UserId("ada"), Set.of(), Set.of(Scope.USE));
        TestRequest add = TestRequest.of("PUT", "/meta-data/add-service/x");
        assertThat(ask(add).status()).isEqualTo(401);
        assertThat(ask(add.by(user, Proof.TOKEN)).status()).isEqualTo(403);
        assertThat(ask(add.by(PI, Proof.COOKIE)).status()).isEqualTo(403);
        assertThat(ask(TestRequest.get("/nodes/alive")).status()).isEqualTo(401);
        assertThat(ask(TestRequest.get("/nodes/alive").by(user, Proof.TOKEN)).status())
                .isEqualTo(403);
        assertThat(metadata.entries()).isEmpty();
        assertThat(audited).isEmpty();
    }

    @Test
    void what_is_no_service_or_no_resource_is_absent() throws Exception {
        for (String path : List.of("/nodes/", "/nodes/dead", "/nodes/workingService/", "/nodes/workingService/A b"))
            assertThat(ask(TestRequest.get(path).by(PI, Proof.TOKEN)).status())
                    .as(path)
                    .isEqualTo(404);
        String tooLong = "/meta-data/add-service/" + "x".repeat(41);
        for (String path : List.of("/meta-data/add-service/", "/meta-data/add-service/a/b", tooLong))
            assertThat(ask(TestRequest.of("PUT", path).by(PI, Proof.TOKEN)).status())
                    .as(path)
                    .isEqualTo(404);
        assertThat(ask(TestRequest.post("/meta-data/add-service/x").by(PI, Proof.TOKEN))
                        .status())
                .isEqualTo(405);
    }

    private JsonNode get(String path) throws Exception {
        Answer.Whole answer = ask(TestRequest.get(path).by(PI, Proof.TOKEN));
        assertThat(answer.status()).isEqualTo(200);
        return json(answer);
    }

    private Answer.Whole ask(TestRequest request) throws IOException {
        assertThat(PiClusterFace.knows(request.path())).isTrue();
        return (Answer.Whole) face.answer(request);
    }

    private static JsonNode json(Answer.Whole answer) throws IOException {
        return Json.readTree(answer.body());
    }

    private static OtherNode other(String name, String address, OtherNode.State state, String works) {
        NodeFacts facts = new NodeFacts(
                new NodeName(name),
                "test",
                Instant.EPOCH,
                new Capacity(Resources.NONE, 0, 1),
                Resources.NONE,
                0,
                0,
                0,
                false,
                12.34,
                1L << 30,
                4L << 30,
                0.75,
                "",
                new Metadata(Map.of(works, "on")));
        return new OtherNode(
                new NodeId("000000000000000" + name.charAt(1)),
                new NodeName(name),
                address,
                state,
                Optional.empty(),
                Optional.of(new OtherNode.Hint(
                        facts,
                        new Candidate("127.0.0.1", 7443),
                        Map.of(),
                        Set.of(),
                        List.of(),
                        0,
                        Map.of(),
                        Set.of(),
                        "",
                        Instant.EPOCH)));
    }
}
