package org.carrel.control.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.control.page.PageHouse.header;
import static org.carrel.control.page.PageHouse.text;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.carrel.api.ApiWords;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.route.Place;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionState;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.carrel.port.Pages.Hindrance;
import org.carrel.support.FakeAgent;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The bar beside a session, and what is said when a session can't answer.
class BesidePagesTest {
    @TempDir
    Path directory;

    private PageHouse house;
    private Visitor ada;
    private Session session;
    private String origin;

    @BeforeEach
    void open() throws IOException {
        house = new PageHouse(directory);
        ada = house.visitor();
        ada.signIn("ada");
        session = house.ready("ada");
        origin = session.id() + ".localhost:8080";
        ada.visit("http://" + origin + "/");
    }

    @AfterEach
    void close() throws IOException {
        house.close();
    }

    @Test
    void the_bar_learns_what_it_shows() {
        house.agent.observe(session.id(), 0, new IdleVerdict.Warn("nobody used it", FakeAgent.NOW.plusSeconds(300)));
        Answer.Whole answer = ada.send(at("GET", "/.carrel/state").fetch());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(text(answer))
                .contains("\"state\":\"ready\"")
                .contains("\"verdict\":\"warn\"")
                .contains("\"reason\":\"nobody used it\"")
                .contains("\"stopsAt\":\"2026-11-22T10:05:00Z\"")
                .contains("\"appTitle\":\"Old Faithful\"")
                .contains("\"portalUrl\":\"http://localhost:8080/\"");
    }

    @Test
    void nobody_else_learns_anything() {
        assertThat(house.whole(at("GET", "/.carrel/state").fetch()).status()).isEqualTo(401);
        assertThat(house.whole(at("GET", "/.carrel/events").fetch()).status()).isEqualTo(401);
    }

    @Test
    void another_user_who_is_known_there_finds_and_changes_nothing() throws InterruptedException {
        Place.Beside place = new Place.Beside(session.id(), "", true, "/stop");
        Answer.Whole stop =
                (Answer.Whole) house.pages.beside(unsafe("/.carrel/stop").as("ben"), place);
        assertThat(stop.status()).isEqualTo(404);
        for (String path : new String[] {"/state", "/events"}) {
            Place.Beside read = new Place.Beside(session.id(), "", true, path);
            TestRequest request = at("GET", "/.carrel" + path).as("ben").fetch();
            assertThat(((Answer.Whole) house.pages.beside(request, read)).status())
                    .isEqualTo(404);
        }
        assertThat(house.agent.current().session(session.id()).orElseThrow().state())
                .isInstanceOf(SessionState.Ready.class);
    }

    @Test
    void the_bar_stops_its_session() {
        Answer.Whole answer = ada.send(unsafe("/.carrel/stop"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(text(answer)).contains("\"state\":\"ended\"").contains("stopped by ada");
    }

    @Test
    void the_bar_keeps_its_session_running() {
        assertThat(ada.send(unsafe("/.carrel/extend")).status()).isEqualTo(200);
        assertThat(house.agent.extended()).containsExactly(session.owner());
    }

    @Test
    void what_the_user_did_not_mean_changes_nothing() {
        TestRequest named = at("POST", "/.carrel/stop").with(ApiWords.CSRF_HEADER, "bar");
        for (String wrong : new String[] {"null", "http://localhost:8080", "http://evil.example", "https://" + origin})
            assertThat(ada.send(named.with("Origin", wrong)).status()).isEqualTo(403);
        assertThat(ada.send(named).status()).isEqualTo(403);
        assertThat(ada.send(at("POST", "/.carrel/stop").with("Origin", "http://" + origin))
                        .status())
                .isEqualTo(403);
        assertThat(ada.send(at("GET", "/.carrel/stop").fetch()).status()).isEqualTo(405);
        assertThat(house.agent.current().session(session.id()).orElseThrow().state())
                .isInstanceOf(SessionState.Ready.class);
    }

    @Test
    void the_feed_gives_the_present_state_each_change_and_ends_with_the_sign_out() throws Exception {
        Answer.Events events =
                (Answer.Events) ada.sendAny(at("GET", "/.carrel/events").fetch());
        try (Feed<Answer.Event> feed = events.feed()) {
            assertThat(feed.next(Duration.ofSeconds(5)).orElseThrow().data()).contains("\"state\":\"ready\"");
            house.agent.observe(session.id(), 0, new IdleVerdict.Keep("in use", FakeAgent.NOW.plusSeconds(60)));
            assertThat(feed.next(Duration.ofSeconds(5)).orElseThrow().data()).contains("in use");
            house.auth.signOut(ada.withCookies(TestRequest.get("/")));
            assertThat(feed.next(Duration.ofSeconds(5))).isEmpty();
            assertThat(feed.ended()).isTrue();
        }
        assertThat(house.agent.readers()).isZero();
    }

    @Test
    void a_busy_session_is_called_busy_and_a_dead_one_dead() {
        Place.InSession place = new Place.InSession(session.id(), "", true);
        TestRequest page = at("GET", "/").as("ada").navigation();
        Answer.Whole busy = (Answer.Whole)
                house.pages.instead(page, place, new Hindrance.Silent(true, "connect to /run/carrel/x.sock"));
        assertThat(busy.status()).isEqualTo(504);
        assertThat(header(busy, "Retry-After")).isEqualTo("5");
        assertThat(text(busy)).contains("\"kind\":\"busy\"").doesNotContain("/run/carrel");
        Answer.Whole dead = (Answer.Whole) house.pages.instead(
                at("GET", "/").as("ada").fetch(), place, new Hindrance.Silent(false, "127.0.0.1:4321"));
        assertThat(dead.status()).isEqualTo(502);
        assertThat(text(dead)).contains("urn:carrel:dead").doesNotContain("4321");
    }

    @Test
    void every_page_carries_the_policy_that_keeps_others_out() {
        Answer.Whole page = ada.visit("/");
        assertThat(header(page, "Content-Security-Policy"))
                .contains("default-src 'none'")
                .contains("frame-ancestors 'none'")
                .contains("base-uri 'none'")
                .contains(
                        "form-action 'self' http://example.org:8080 http://www.example.org:8080 http://*.localhost:8080;")
                .doesNotContain("unsafe");
        assertThat(header(page, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(page, "Cache-Control")).isEqualTo("no-store");
        assertThat(text(page)).doesNotContain("{{");
    }

    @Test
    void no_page_can_be_broken_by_what_it_is_told() {
        assertThat(PageWriter.inScript("{\"a\":\"</script><!--&\u2028\"}"))
                .isEqualTo("{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\"}");
    }

    private TestRequest at(String method, String target) {
        return TestRequest.of(method, target).at("http", origin);
    }

    private TestRequest unsafe(String target) {
        return at("POST", target).with("Origin", "http://" + origin).with(ApiWords.CSRF_HEADER, "bar");
    }
}
