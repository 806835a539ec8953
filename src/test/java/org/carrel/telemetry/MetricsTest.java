package org.carrel.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.carrel.domain.app.AppId;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Start;
import org.carrel.support.Await;
import org.carrel.support.FakeAgent;
import org.carrel.support.TestRequest;
import org.carrel.telemetry.OpsHandler.Check;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final FakeAgent agent = FakeAgent.withApps();
    private final Metrics metrics = new Metrics(agent);
    private final CountingStarts starts = new CountingStarts(agent, metrics);
    private final AtomicReference<Optional<String>> obstacle = new AtomicReference<>(Optional.empty());
    private final OpsHandler ops = new OpsHandler(metrics, List.of(new Check("agent", obstacle::get)));

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void sessions_are_counted_by_state_and_app() throws Exception {
        begin("ada");
        agent.ready(begin("ben"));
        assertThat(scraped())
                .contains("carrel_sessions{app=\"faithful\",state=\"reserved\"} 1.0")
                .contains("carrel_sessions{app=\"faithful\",state=\"ready\"} 1.0");
    }

    @Test
    void a_state_that_nothing_is_in_any_more_disappears() throws Exception {
        SessionId id = begin("ada");
        assertThat(scraped()).contains("state=\"reserved\"");
        agent.ready(id);
        assertThat(scraped()).doesNotContain("state=\"reserved\"");
    }

    @Test
    void answers_to_begin_are_counted() throws Exception {
        for (String user : List.of("ada", "ben", "cyd", "dan", "ada")) tryBegin(user);
        assertThat(scraped())
                .contains("carrel_begin_total{answer=\"granted\"} 3.0")
                .contains("carrel_begin_total{answer=\"full\"} 1.0")
                .contains("carrel_begin_total{answer=\"existing\"} 1.0");
    }

    @Test
    void starts_failures_and_ends_are_counted_from_the_view() throws Exception {
        SessionId adopted = begin("ada");
        agent.ready(adopted);
        try (SessionTally tally = new SessionTally(agent, metrics, InstantSource.fixed(FakeAgent.NOW))) {
            Await.until("the tally knows what was there", () -> tally.sessions() == 1);
            SessionId started = begin("ben");
            SessionId failed = begin("cyd");
            agent.ready(started);
            agent.end(failed, new End.Failed("a sentence with /paths and numbers 17", List.of()));
            has("carrel_session_start_failures_total{app=\"faithful\",cause=\"failed\"} 1.0");
            has("carrel_session_start_seconds_count{app=\"faithful\"} 1");
            agent.end(adopted, new End.Idle("no input for 2 h"));
            agent.end(started, new End.Stopped("ben"));
            has("carrel_session_ends_total{app=\"faithful\",reason=\"idle\"} 1.0");
            has("carrel_session_ends_total{app=\"faithful\",reason=\"stopped\"} 1.0");
        }
        assertThat(scraped()).doesNotContain("a sentence").doesNotContain("ben");
        Await.until("the feed is closed", () -> agent.readers() == 0);
    }

    @Test
    void the_machine_and_counters_of_others_are_there() {
        metrics.gauge("carrel.gateway.connections", "open", Map.of(), () -> 42);
        metrics.counter("carrel.gateway.requests", "answered", Map.of("status", "2xx"), () -> 7);
        System.gc(); // nothing may be held weakly
        assertThat(scraped())
                .contains("carrel_gateway_connections 42.0")
                .contains("carrel_gateway_requests_total{status=\"2xx\"} 7.0")
                .contains("jvm_memory_used_bytes")
                .contains("jvm_threads_live_threads")
                .contains("process_files_open_files")
                .contains("process_start_time_seconds")
                .contains("carrel_node_capacity_sessions 3.0");
    }

    @Test
    void metrics_are_for_this_machine_and_for_bearers_of_the_scope() throws Exception {
        TestRequest ask = TestRequest.get("/metrics");
        Principal meter = new Principal(new UserId("prom"), Set.of(), Set.of(Scope.METRICS));
        assertThat(status(ask)).isEqualTo(200);
        assertThat(status(ask.from(far()))).isEqualTo(401);
        assertThat(status(ask.from(far()).as("ada"))).isEqualTo(403);
        assertThat(status(ask.from(far()).by(meter, Proof.TOKEN))).isEqualTo(200);
        assertThat(status(ask.with("X-Forwarded-For", "192.0.2.7"))).isEqualTo(401);
    }

    @Test
    void live_is_always_200_and_ready_says_what_is_not() throws Exception {
        TestRequest ready = TestRequest.get("/health/ready");
        assertThat(status(ready)).isEqualTo(200);
        obstacle.set(Optional.of("adopting 3 sessions in /var/lib/carrel"));
        assertThat(status(TestRequest.get("/health/live"))).isEqualTo(200);
        assertThat(status(ready)).isEqualTo(503);
        assertThat(body(ready)).contains("\"agent\":\"adopting 3 sessions");
        assertThat(body(ready.from(far()))).isEqualTo("{\"ready\":false}");
    }

    @Test
    void a_check_that_breaks_does_not_hold() {
        OpsHandler broken = new OpsHandler(metrics, List.of(new Check("disk", () -> {
            throw new IllegalStateException("boom");
        })));
        assertThat(((Answer.Whole) broken.answer(TestRequest.get("/health/ready"))).status())
                .isEqualTo(503);
    }

    @Test
    void other_methods_and_pages_are_refused() {
        assertThat(status(TestRequest.post("/metrics"))).isEqualTo(405);
        assertThat(status(TestRequest.get("/health/else"))).isEqualTo(404);
    }

    private SessionId begin(String user) throws InterruptedException {
        return ((Begun.Granted) tryBegin(user)).session().id();
    }

    private Begun tryBegin(String user) throws InterruptedException {
        SessionKey key = new SessionKey(new UserId(user), new AppId("faithful"), SessionKey.DEFAULT_NAME);
        return starts.start(Start.now(key, new RequestId("r")));
    }

    private void has(String line) throws Exception {
        Await.until(line, () -> scraped().contains(line));
    }

    private String scraped() {
        return body(TestRequest.get("/metrics"));
    }

    private int status(TestRequest request) {
        return ((Answer.Whole) ops.answer(request)).status();
    }

    private String body(TestRequest request) {
        return new String(((Answer.Whole) ops.answer(request)).body(), StandardCharsets.UTF_8);
    }

    private static InetAddress far() throws Exception {
        return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 7});
    }
}
