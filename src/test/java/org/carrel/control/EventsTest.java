package org.carrel.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.control.ApiHouse.id;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Answer.Event;
import org.carrel.http.Feed;
import org.carrel.http.Request.Proof;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Progress.Stage;
import org.carrel.port.Standing;
import org.carrel.port.View;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.Test;

class EventsTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Principal ADA = new Principal(new UserId("ada"), Set.of(), Set.of(Scope.USE));
    private final ApiHouse house = new ApiHouse();

    @Test
    void a_start_is_told_stage_by_stage_and_then_the_session_until_its_end() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        try (Feed<Event> events = follow(ApiWords.SESSIONS + "/" + id + "/events", "ada")) {
            assertThat(next(events, "session").get("state").asText()).isEqualTo("reserved");
            assertThat(next(events, "progress").get("stage").asText()).isEqualTo("reserved");
            house.agent.reach(id, Stage.QUEUED, 2);
            assertThat(next(events, "progress").get("ahead").asInt()).isEqualTo(2);
            house.agent.reach(id, Stage.STARTING, 0);
            assertThat(next(events, "progress").get("stage").asText()).isEqualTo("starting");
            house.agent.ready(id);
            assertThat(next(events, "progress").get("stage").asText()).isEqualTo("ready");
            assertThat(next(events, "session").get("state").asText()).isEqualTo("ready");
            house.agent.end(id, new End.Stopped("ada"));
            assertThat(next(events, "session").get("reason").asText()).isEqualTo("stopped by ada");
            assertThat(events.ended()).isTrue();
        }
        assertThat(house.agent.readers()).isZero();
    }

    @Test
    void a_start_that_failed_tells_its_cause_and_last_lines() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        try (Feed<Event> events = follow(ApiWords.SESSIONS + "/" + id + "/events", "ada")) {
            house.agent.end(id, new End.Failed("it crashed", List.of("Error: boom")));
            next(events, "session");
            next(events, "progress");
            JsonNode failed = next(events, "progress");
            assertThat(failed.get("stage").asText()).isEqualTo("failed");
            assertThat(failed.get("sentence").asText()).isEqualTo("it crashed");
            assertThat(failed.at("/log/0").asText()).isEqualTo("Error: boom");
            assertThat(next(events, "session").get("state").asText()).isEqualTo("ended");
            assertThat(events.ended()).isTrue();
        }
    }

    @Test
    void the_stream_of_all_shows_nodes_and_ones_own_sessions_only() throws Exception {
        house.start("ben", "faithful");
        try (Feed<Event> events = follow(ApiWords.EVENTS, "ada")) {
            assertThat(next(events, "node").get("sessions").asInt()).isEqualTo(1);
            assertThat(events.next(Duration.ZERO)).isEmpty();
            SessionId mine = id(house.start("ada", "faithful"));
            assertThat(next(events, "node").get("sessions").asInt()).isEqualTo(2);
            assertThat(next(events, "session").get("id").asText()).isEqualTo(mine.value());
            house.agent.end(mine, new End.Stopped("ada"));
            next(events, "node");
            assertThat(next(events, "session").get("state").asText()).isEqualTo("ended");
            house.agent.forget(mine);
            assertThat(next(events, "gone").get("id").asText()).isEqualTo(mine.value());
        }
    }

    @Test
    void administrators_see_everybodys_when_they_ask() throws Exception {
        house.start("ben", "faithful");
        try (Feed<Event> events = follow(ApiWords.EVENTS + "?all=true", "root", "admin")) {
            next(events, "node");
            assertThat(next(events, "session").get("owner").asText()).isEqualTo("ben");
        }
        try (Feed<Event> events = follow(ApiWords.EVENTS + "?all=true", "ada")) {
            next(events, "node");
            assertThat(events.next(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void what_did_not_change_is_not_told_again() throws Exception {
        SessionId id = id(house.start("ada", "faithful"));
        try (Feed<Event> events = follow(ApiWords.EVENTS, "ada")) {
            next(events, "node");
            next(events, "session");
            house.agent.reach(id, Stage.RESERVED, 0); // a new view
            house.agent.drain(false); // another, of the same content but the first change
            next(events, "session");
            assertThat(events.next(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void a_user_may_not_open_streams_without_end() throws Exception {
        TestRequest follow = TestRequest.get(ApiWords.EVENTS).as("ada");
        Feed<Event> last = ((Answer.Events) house.api.answer(follow)).feed();
        for (int i = 1; i < Streams.MOST_PER_USER; i++) house.api.answer(follow);
        assertThat(house.ask(follow).status()).isEqualTo(429);
        last.close();
        last.close(); // counts once
        assertThat(house.api.answer(follow)).isInstanceOf(Answer.Events.class);
        assertThat(house.ask(follow).status()).isEqualTo(429);
    }

    @Test
    void a_stream_ends_when_its_reader_has_signed_out() throws Exception {
        AtomicLong nanos = new AtomicLong();
        Streams streams = new Streams(house, nanos::get);
        Call call = new Call(TestRequest.get(ApiWords.EVENTS).by(ADA, Proof.COOKIE), Optional.of(ADA), Map.of());
        house.present = new Identity.Known(ADA, Proof.COOKIE, Standing.LASTING);
        Answer answer = streams.open(
                call,
                asker -> new ChangeFeed(
                        house.agent.follow(), EventsTest::counted, key -> new Event("gone", key), view -> false));
        try (Feed<Event> events = ((Answer.Events) answer).feed()) {
            assertThat(events.next(SOON)).isPresent();
            nanos.addAndGet(Streams.RECHECK.toNanos());
            house.agent.drain(true);
            assertThat(events.next(SOON)).isPresent();
            house.present = new Identity.Refused(401, "signed out");
            house.agent.drain(false);
            assertThat(events.next(SOON)).isPresent(); // not asked again yet
            nanos.addAndGet(Streams.RECHECK.toNanos());
            house.agent.drain(true);
            assertThat(events.next(SOON)).isEmpty();
            assertThat(events.ended()).isTrue();
        }
        assertThat(streams.openFor(ADA.user())).isZero();
    }

    @Test
    void head_of_a_stream_opens_none() throws Exception {
        Answer.Whole head = house.ask(TestRequest.of("HEAD", ApiWords.EVENTS).as("ada"));
        assertThat(head.status()).isEqualTo(200);
        assertThat(house.agent.readers()).isZero();
    }

    private static Map<String, Event> counted(View view) {
        return Map.of("v", new Event("v", Long.toString(view.version())));
    }

    private Feed<Event> follow(String target, String user, String... groups) throws Exception {
        return ((Answer.Events) house.api.answer(TestRequest.get(target).as(user, groups))).feed();
    }

    private static JsonNode next(Feed<Event> events, String name) throws Exception {
        Event event = events.next(SOON).orElseThrow(() -> new AssertionError("no " + name));
        assertThat(event.name()).as(event.data()).isEqualTo(name);
        return Json.readTree(event.data().getBytes(StandardCharsets.UTF_8));
    }
}
