package org.carrel.control.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.control.page.PageHouse.header;
import static org.carrel.control.page.PageHouse.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Stage;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.http.Answer;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartPagesTest {
    @TempDir
    Path directory;

    private PageHouse house;
    private Visitor ada;

    @BeforeEach
    void open() throws IOException {
        house = new PageHouse(directory);
        ada = house.visitor();
        ada.signIn("ada");
    }

    @AfterEach
    void close() throws IOException {
        house.close();
    }

    @Test
    void an_address_that_was_typed_starts_and_leads_to_where_one_waits() {
        Answer.Whole answer = ada.send(TestRequest.get("/app/faithful").navigation("none"));
        assertThat(answer.status()).isEqualTo(302);
        assertThat(header(answer, "Location")).isEqualTo("/wait/" + only().id());
        Answer.Whole waiting = ada.visit("/wait/" + only().id());
        assertThat(waiting.status()).isEqualTo(200);
        assertThat(text(waiting))
                .contains("\"eventsUrl\":\"/api/v1/sessions/" + only().id() + "/events\"")
                .contains("\"usualMs\":800");
    }

    @Test
    void a_click_on_our_own_page_starts() {
        ada.send(TestRequest.get("/app/faithful").navigation("same-origin"));
        assertThat(sessions()).hasSize(1);
    }

    @Test
    void a_session_that_is_ready_is_led_to_on_its_own_origin() {
        Session session = house.ready("ada");
        Answer.Whole answer = ada.send(TestRequest.get("/app/faithful").navigation());
        assertThat(answer.status()).isEqualTo(302);
        assertThat(header(answer, "Location")).isEqualTo("http://" + session.id() + ".localhost:8080/");
        assertThat(sessions()).hasSize(1);
    }

    @Test
    void several_sessions_of_one_app_are_told_apart_by_name() {
        ada.send(TestRequest.get("/app/faithful").navigation());
        ada.send(TestRequest.get("/app/faithful/second").navigation());
        ada.send(TestRequest.get("/app/faithful/second/").navigation());
        assertThat(sessions()).extracting(it -> it.key().name()).containsExactlyInAnyOrder("default", "second");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site"})
    void a_link_from_elsewhere_asks_first(String site) {
        Answer.Whole answer = ada.send(TestRequest.get("/app/faithful?x=1").navigation(site));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(text(answer)).contains("\"appTitle\":\"Old Faithful\"").contains("\"action\":\"/app/faithful\"");
        assertThat(sessions()).isEmpty();
    }

    @Test
    void a_link_from_elsewhere_asks_also_when_it_first_led_through_the_sign_in() {
        Visitor stranger = house.visitor();
        Answer.Whole first = stranger.send(TestRequest.get("/app/faithful").navigation("cross-site"));
        String signIn = header(first, "Location");
        Answer.Whole form = stranger.send(TestRequest.get(signIn).navigation("cross-site"));
        assertThat(text(form)).contains("\"next\":\"/app/faithful?ask=1\"");
        stranger.signIn("ben", "ben-pw", "/app/faithful?ask=1");
        stranger.send(TestRequest.get("/app/faithful?ask=1").navigation("same-origin"));
        assertThat(sessions()).isEmpty();
    }

    @Test
    void the_button_of_the_consent_page_starts() {
        String csrf = csrf();
        Answer.Whole answer = ada.send(TestRequest.post("/app/faithful")
                .with("Origin", "http://localhost:8080")
                .form("csrf=" + PageMeans.encoded(csrf)));
        assertThat(answer.status()).isEqualTo(303);
        assertThat(sessions()).hasSize(1);
    }

    @Test
    void a_form_of_somebody_else_starts_nothing() {
        String csrf = csrf();
        Visitor ben = house.visitor();
        ben.signIn("ben");
        String form = "csrf=" + PageMeans.encoded(csrf);
        assertThat(ben.send(TestRequest.post("/app/faithful")
                                .with("Origin", "http://localhost:8080")
                                .form(form))
                        .status())
                .isEqualTo(403);
        for (String origin : List.of("null", "http://evil.example", "http://localhost:8081"))
            assertThat(ada.send(TestRequest.post("/app/faithful")
                                    .with("Origin", origin)
                                    .form(form))
                            .status())
                    .isEqualTo(403);
        assertThat(ada.send(TestRequest.post("/app/faithful").form(form)).status())
                .isEqualTo(403);
        assertThat(sessions()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"image", "script", "iframe", "empty", "style", "object"})
    void nothing_but_a_page_that_somebody_looks_at_starts_anything(String destination) {
        Answer.Whole answer = ada.send(TestRequest.get("/app/faithful")
                .with("Sec-Fetch-Site", "same-origin")
                .with("Sec-Fetch-Dest", destination)
                .with("Accept", "*/*"));
        assertThat(answer.status()).isEqualTo(403);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(sessions()).isEmpty();
    }

    @Test
    void without_fetch_metadata_the_referer_and_what_is_accepted_decide() {
        TestRequest image = TestRequest.get("/app/faithful").with("Accept", "image/avif,image/*,*/*;q=0.8");
        ada.send(image);
        TestRequest page = TestRequest.get("/app/faithful").with("Accept", "text/html");
        ada.send(page.with("Referer", "http://evil.example/"));
        ada.send(page.with("Referer", "http://localhost:8080.evil.example/"));
        assertThat(sessions()).isEmpty();
        ada.send(page.with("Referer", "http://localhost:8080/"));
        assertThat(sessions()).hasSize(1);
    }

    @Test
    void head_and_overridden_methods_start_nothing() {
        ada.send(TestRequest.of("HEAD", "/app/faithful").navigation());
        ada.send(TestRequest.get("/app/faithful?_method=POST")
                .with("X-HTTP-Method-Override", "POST")
                .navigation("cross-site"));
        assertThat(sessions()).isEmpty();
    }

    @Test
    void an_app_for_others_is_as_absent_as_one_that_never_was() {
        String secret = text(ada.visit("/app/secret"));
        String never = text(ada.visit("/app/never"));
        assertThat(ada.visit("/app/secret").status()).isEqualTo(404);
        assertThat(secret.replaceAll("nonce=\"[^\"]*", "")).isEqualTo(never.replaceAll("nonce=\"[^\"]*", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/app/", "/app/A", "/app/faithful/a/b", "/app/faithful/%2e", "/app/../x", "/app/a;id"})
    void what_is_no_app_or_no_name_is_absent(String path) {
        assertThat(ada.send(TestRequest.get(path).navigation()).status()).isEqualTo(404);
        assertThat(sessions()).isEmpty();
    }

    @Test
    void a_full_machine_says_what_is_missing_and_when_to_come_again() {
        for (String name : List.of("a", "b", "c"))
            ada.send(TestRequest.get("/app/faithful/" + name).navigation());
        Answer.Whole answer = ada.send(TestRequest.get("/app/faithful").navigation());
        assertThat(answer.status()).isEqualTo(503);
        assertThat(header(answer, "Retry-After")).isEqualTo("30");
        assertThat(text(answer)).contains("all 3 places are taken");
    }

    @Test
    void who_waits_in_line_gets_an_address_that_keeps_the_place() {
        house.agent.waiting = new Stage.InLine(3);
        Answer.Whole first = ada.send(TestRequest.get("/app/faithful").navigation());
        assertThat(first.status()).isEqualTo(303);
        String place = header(first, "Location");
        assertThat(place).startsWith("/app/faithful?ticket=");
        Answer.Whole line = ada.send(TestRequest.get(place).navigation());
        assertThat(line.status()).isEqualTo(503);
        String ticket = place.substring(place.indexOf('=') + 1);
        assertThat(text(line))
                .contains("\"kind\":\"in-line\"")
                .contains("\"position\":3")
                .contains("\"ticketUrl\":\"/tickets/faithful/default/" + ticket + "\"")
                .contains("\"retryAfterSeconds\":2")
                .contains("\"elsewhereUrl\":null");
        assertThat(house.agent.asked).allMatch(it -> it.ticket().value().equals(ticket));
        house.agent.waiting = null;
        assertThat(ada.send(TestRequest.get(place).navigation()).status()).isEqualTo(302);
        assertThat(sessions()).hasSize(1);
    }

    @Test
    void who_waits_for_a_silent_machine_may_go_elsewhere() {
        house.agent.waiting = new Stage.HolderSilent(List.of(new NodeName("n2")));
        String place = header(ada.send(TestRequest.get("/app/faithful").navigation()), "Location");
        assertThat(text(ada.send(TestRequest.get(place).navigation())))
                .contains("\"kind\":\"holder-silent\"")
                .contains("n2 may have this session")
                .contains("\"elsewhereUrl\":\"" + place + "\\u0026elsewhere=1\"");
        assertThat(ada.send(TestRequest.get(place + "&elsewhere=1").navigation())
                        .status())
                .isEqualTo(302);
        assertThat(sessions()).hasSize(1);
    }

    @Test
    void a_link_from_elsewhere_can_not_speak_for_who_waits() {
        house.agent.waiting = new Stage.HolderSilent(List.of(new NodeName("n2")));
        String place = header(ada.send(TestRequest.get("/app/faithful").navigation()), "Location");
        ada.send(TestRequest.get(place + "&elsewhere=1").navigation("cross-site"));
        assertThat(sessions()).isEmpty();
    }

    @Test
    void an_app_that_cannot_run_says_why() {
        Answer.Whole answer = ada.send(TestRequest.get("/app/counter").navigation());
        assertThat(answer.status()).isEqualTo(503);
        assertThat(text(answer)).contains("R is missing");
    }

    @Test
    void a_drained_machine_says_so() {
        house.agent.drain(true);
        Answer.Whole answer = ada.send(TestRequest.get("/app/faithful").navigation());
        assertThat(answer.status()).isEqualTo(503);
        assertThat(text(answer)).contains("\"kind\":\"draining\"");
    }

    @Test
    void a_start_that_failed_shows_the_cause_and_the_last_lines() {
        ada.send(TestRequest.get("/app/faithful").navigation());
        house.agent.end(only().id(), new End.Failed("it ended with status 1", List.of("Error in <library(x)>")));
        Answer.Whole answer = ada.visit("/wait/" + only().id());
        assertThat(answer.status()).isEqualTo(410);
        assertThat(text(answer))
                .contains("it ended with status 1")
                .contains("Error in \\u003clibrary(x)\\u003e")
                .doesNotContain("<library");
    }

    @Test
    void nobody_waits_for_somebody_elses_session() {
        ada.send(TestRequest.get("/app/faithful").navigation());
        Visitor ben = house.visitor();
        ben.signIn("ben");
        assertThat(ben.visit("/wait/" + only().id()).status()).isEqualTo(404);
        assertThat(ben.visit("/wait/nonsense").status()).isEqualTo(404);
    }

    private String csrf() {
        return house.auth.csrf().tokenFor(ada.withCookies(TestRequest.get("/")));
    }

    private Session only() {
        return sessions().getFirst();
    }

    private List<Session> sessions() {
        return List.copyOf(house.agent.current().sessions().values());
    }
}
