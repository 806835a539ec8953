package org.carrel.control.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.control.page.PageHouse.header;
import static org.carrel.control.page.PageHouse.text;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.route.Place;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.http.Answer;
import org.carrel.port.Pages.Hindrance;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way to a session's own origin, as a browser goes it.
class HandOverTest {
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
    }

    @AfterEach
    void close() throws IOException {
        house.close();
    }

    @Test
    void its_owner_is_led_through_the_portal_and_back_by_itself() {
        Answer.Whole answer = ada.visit("http://" + origin + "/plots?a=1&b=%20");
        assertThat(text(answer)).isEqualTo(PageHouse.CARRIED);
        assertThat(ada.seen)
                .endsWith(
                        "http://" + origin + "/plots",
                        "http://localhost:8080/handover",
                        "http://" + origin + "/.carrel/enter",
                        "http://" + origin + "/plots");
        assertThat(ada.jar(session.id() + ".localhost")).containsOnlyKeys("carrel_session");
    }

    @Test
    void the_next_request_needs_no_hand_over() {
        ada.visit("http://" + origin + "/");
        assertThat(text(ada.send(at("/").navigation()))).isEqualTo(PageHouse.CARRIED);
    }

    @Test
    void a_stranger_signs_in_on_the_way() {
        Visitor stranger = house.visitor();
        Answer.Whole answer = stranger.visit("http://" + origin + "/");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(stranger.seen).endsWith("http://localhost:8080/sign-in");
        assertThat(text(answer)).contains("\"next\":\"/handover?session=" + session.id());
    }

    @Test
    void another_user_finds_nothing_there() {
        Visitor ben = house.visitor();
        ben.signIn("ben");
        assertThat(ben.visit("http://" + origin + "/").status()).isEqualTo(404);
        assertThat(ben.jar(session.id() + ".localhost")).containsOnlyKeys("carrel_verifier");
    }

    @Test
    void scripts_and_sockets_are_not_led_around() {
        Answer.Whole answer = ada.send(at("/data").fetch());
        assertThat(answer.status()).isEqualTo(401);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
        Answer.Whole socket = ada.send(at("/ws").with("Upgrade", "websocket").with("Connection", "Upgrade"));
        assertThat(socket.status()).isEqualTo(401);
    }

    @Test
    void a_code_is_used_once() {
        URI enter = untilEnter(ada);
        assertThat(ada.send(Visitor.to(enter).navigation()).status()).isEqualTo(302);
        assertThat(ada.send(Visitor.to(enter).navigation()).status()).isEqualTo(400);
        assertThat(house.audited)
                .extracting(entry -> entry.what().word() + " " + entry.outcome())
                .contains("hand-over ok", "hand-over refused");
        String code = enter.getQuery().replaceAll(".*code=([^&]+).*", "$1");
        assertThat(house.audited.toString()).doesNotContain(code);
    }

    @Test
    void a_code_is_of_no_use_in_another_browser() {
        URI enter = untilEnter(ada);
        Visitor thief = house.visitor();
        thief.send(at("/").navigation()); // gets a verifier of its own
        Answer.Whole answer = thief.send(Visitor.to(enter).navigation());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(header(answer, "Set-Cookie")).isEmpty();
        assertThat(ada.send(Visitor.to(enter).navigation()).status())
                .as("it is used up now")
                .isEqualTo(400);
    }

    @Test
    void a_code_is_of_no_use_for_another_session() {
        Session bens = house.ready("ben");
        URI enter = untilEnter(ada);
        String other = bens.id() + ".localhost";
        ada.jar(other).putAll(ada.jar(session.id() + ".localhost"));
        TestRequest there = Visitor.to(enter).at("http", other + ":8080").navigation();
        assertThat(ada.send(there).status()).isEqualTo(400);
    }

    @Test
    void a_code_holds_for_a_minute() {
        URI enter = untilEnter(ada);
        house.clock.advance(Duration.ofSeconds(60));
        assertThat(ada.send(Visitor.to(enter).navigation()).status()).isEqualTo(400);
    }

    @Test
    void the_cookie_of_one_session_opens_no_other_and_not_the_portal() {
        ada.visit("http://" + origin + "/");
        String cookie = ada.jar(session.id() + ".localhost").get("carrel_session");
        ada.send(TestRequest.get("/app/faithful/second").navigation());
        Session second = house.agent.current().sessions().values().stream()
                .filter(it -> it.key().name().equals("second"))
                .findFirst()
                .orElseThrow();
        house.agent.ready(second.id());
        TestRequest elsewhere = TestRequest.get("/")
                .at("http", second.id() + ".localhost:8080")
                .with("Cookie", "carrel_session=" + cookie)
                .fetch();
        assertThat(house.whole(elsewhere).status()).isEqualTo(401);
        TestRequest otherPort = TestRequest.get("/")
                .at("http", session.id() + ".localhost:8081")
                .with("Cookie", "carrel_session=" + cookie)
                .fetch();
        assertThat(house.whole(otherPort).status()).isEqualTo(401);
        TestRequest portal =
                TestRequest.get("/").with("Cookie", "carrel_portal=" + cookie).navigation();
        assertThat(house.whole(portal).status()).isEqualTo(302);
    }

    @Test
    void the_portal_cookie_is_no_cookie_of_a_session() {
        String cookie = ada.jar("localhost").get("carrel_portal");
        TestRequest request = at("/").with("Cookie", "carrel_session=" + cookie).fetch();
        assertThat(house.whole(request).status()).isEqualTo(401);
    }

    @Test
    void signing_out_of_the_portal_ends_it_on_the_session_too() throws IOException {
        ada.visit("http://" + origin + "/");
        house.auth.signOut(ada.withCookies(TestRequest.get("/")));
        assertThat(ada.send(at("/").fetch()).status()).isEqualTo(401);
    }

    @Test
    void the_cookie_of_a_session_expires_after_half_a_day_and_is_handed_over_anew() {
        ada.visit("http://" + origin + "/");
        house.clock.advance(Duration.ofHours(7));
        ada.visit("/"); // renews the portal's
        house.clock.advance(Duration.ofHours(5));
        assertThat(ada.send(at("/").fetch()).status()).isEqualTo(401);
        assertThat(text(ada.visit("http://" + origin + "/"))).isEqualTo(PageHouse.CARRIED);
    }

    @Test
    void in_path_mode_the_portal_cookie_serves_and_strangers_sign_in() throws IOException {
        house.close();
        house = new PageHouse(directory, Optional.empty());
        session = house.ready("ada");
        ada = house.visitor();
        ada.signIn("ada");
        assertThat(text(ada.send(TestRequest.get("/s/" + session.id() + "/").navigation())))
                .isEqualTo(PageHouse.CARRIED);
        Answer.Whole stranger = house.visitor()
                .send(TestRequest.get("/s/" + session.id() + "/x?y=1").navigation());
        assertThat(stranger.status()).isEqualTo(302);
        assertThat(header(stranger, "Location"))
                .isEqualTo("/sign-in?next=" + PageMeans.encoded("/s/" + session.id() + "/x?y=1"));
        Visitor ben = house.visitor();
        ben.signIn("ben");
        for (String method : new String[] {"GET", "HEAD", "OPTIONS", "POST", "PUT"})
            assertThat(ben.send(TestRequest.of(method, "/s/" + session.id() + "/"))
                            .status())
                    .isEqualTo(404);
    }

    @Test
    void a_session_that_has_ended_says_why_with_its_last_lines_and_a_way_to_begin_again() {
        ada.visit("http://" + origin + "/");
        house.agent.end(session.id(), new End.Exited(137, List.of("Killed")));
        Answer.Whole answer = ada.send(at("/").navigation());
        assertThat(answer.status()).isEqualTo(410);
        assertThat(text(answer))
                .contains("the program ended with status 137")
                .contains("Killed")
                .contains("\"startUrl\":\"http://localhost:8080/app/faithful\"");
        Answer.Whole script = ada.send(at("/data").fetch());
        assertThat(script.status()).isEqualTo(410);
        assertThat(header(script, "Content-Type")).isEqualTo("application/problem+json");
    }

    @Test
    void a_session_that_is_still_starting_leads_to_where_one_waits() {
        ada.send(TestRequest.get("/app/faithful/second").navigation());
        Session second = house.agent.current().sessions().values().stream()
                .filter(it -> it.key().name().equals("second"))
                .findFirst()
                .orElseThrow();
        Answer.Whole answer = ada.visit("http://" + second.id() + ".localhost:8080/");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(ada.seen).endsWith("http://localhost:8080/wait/" + second.id());
    }

    @Test
    void scripts_get_no_code_from_the_portal() {
        URI portal = URI.create(header(ada.send(at("/").navigation()), "Location"));
        Answer.Whole answer = ada.send(Visitor.to(portal).fetch());
        assertThat(answer.status()).isEqualTo(403);
        assertThat(header(answer, "Location")).isEmpty();
    }

    @Test
    void the_last_lines_of_a_session_are_for_its_owner() {
        Place.InSession place = new Place.InSession(session.id(), "", true);
        Hindrance gone = new Hindrance.Gone(new End.Exited(1, List.of("a line of the log")));
        Answer.Whole others =
                (Answer.Whole) house.pages.instead(at("/").as("ben").navigation(), place, gone);
        assertThat(others.status()).isEqualTo(410);
        assertThat(text(others)).doesNotContain("a line of the log").doesNotContain("Old Faithful");
        Answer.Whole owners =
                (Answer.Whole) house.pages.instead(at("/").as("ada").navigation(), place, gone);
        assertThat(text(owners)).contains("a line of the log").contains("/.carrel/web/");
    }

    private TestRequest at(String target) {
        return TestRequest.get(target).at("http", origin);
    }

    /// the address with the code, not yet visited
    private URI untilEnter(Visitor visitor) {
        URI portal = URI.create(header(visitor.send(at("/").navigation()), "Location"));
        return URI.create(header(visitor.send(Visitor.to(portal).navigation("cross-site")), "Location"));
    }
}
