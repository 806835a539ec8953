package org.carrel.control.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.control.page.PageHouse.header;
import static org.carrel.control.page.PageHouse.text;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.carrel.domain.session.Session;
import org.carrel.http.Answer;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way to a service's own host, as a browser goes it. The service is for who is signed in.
class ServiceHandOverTest {
    private static final String HOST = "www.example.org";

    @TempDir
    Path directory;

    private PageHouse house;
    private Visitor ada;

    @BeforeEach
    void open() throws IOException {
        house = new PageHouse(directory);
        house.copy();
        ada = house.visitor();
        ada.signIn("ada");
    }

    @AfterEach
    void close() throws IOException {
        house.close();
    }

    @Test
    void whoever_is_signed_in_is_led_through_the_portal_and_back() {
        Answer.Whole answer = ada.visit("http://" + HOST + ":8080/plots?a=1");
        assertThat(text(answer)).isEqualTo(PageHouse.CARRIED + " for ada");
        assertThat(ada.seen)
                .endsWith(
                        "http://" + HOST + ":8080/plots",
                        "http://localhost:8080/handover",
                        "http://" + HOST + ":8080/.carrel/enter",
                        "http://" + HOST + ":8080/plots");
        assertThat(ada.jar(HOST)).containsOnlyKeys("carrel_session");
        assertThat(house.audited).anyMatch(entry -> entry.toString().contains("service=site"));
    }

    @Test
    void a_stranger_signs_in_on_the_way_and_the_form_may_lead_there() {
        Answer.Whole answer = house.visitor().visit("http://" + HOST + ":8080/");
        assertThat(text(answer)).contains("\"next\":\"/handover?service=site");
        assertThat(header(answer, "Content-Security-Policy"))
                .contains(
                        "form-action 'self' http://example.org:8080 http://www.example.org:8080 http://*.localhost:8080;");
    }

    @Test
    void scripts_are_not_led_around() {
        assertThat(ada.send(at(HOST, "/data").fetch()).status()).isEqualTo(401);
    }

    @Test
    void its_cookie_opens_this_very_host_and_nothing_else() {
        ada.visit("http://" + HOST + ":8080/");
        String cookie = ada.jar(HOST).get("carrel_session");
        TestRequest otherHost = at("example.org", "/").with("Cookie", "carrel_session=" + cookie);
        assertThat(house.whole(otherHost.fetch()).status()).isEqualTo(401);
        String adas = house.ready("ada").id() + ".localhost";
        TestRequest session = at(adas, "/").with("Cookie", "carrel_session=" + cookie);
        assertThat(house.whole(session.fetch()).status()).isEqualTo(401);
        TestRequest portal = at("localhost", "/").with("Cookie", "carrel_portal=" + cookie);
        assertThat(house.whole(portal.navigation()).status()).isEqualTo(302);
    }

    @Test
    void no_other_cookie_opens_it() {
        String portal = ada.jar("localhost").get("carrel_portal");
        for (String name : new String[] {"carrel_portal", "carrel_session"})
            assertThat(house.whole(at(HOST, "/")
                                    .with("Cookie", name + "=" + portal)
                                    .fetch())
                            .status())
                    .isEqualTo(401);
        Session session = house.ready("ada");
        ada.visit("http://" + session.id() + ".localhost:8080/");
        String adas = ada.jar(session.id() + ".localhost").get("carrel_session");
        assertThat(house.whole(at(HOST, "/")
                                .with("Cookie", "carrel_session=" + adas)
                                .fetch())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void the_portal_hands_over_to_hosts_of_the_settings_alone() {
        String challenge =
                header(ada.send(at(HOST, "/").navigation()), "Location").replaceAll(".*(&challenge=[^&]+).*", "$1");
        for (String to : new String[] {
            "service=site&host=evil.example",
            "service=other&host=" + HOST,
            "service=site&host=",
            "service=site",
            "service=site&host=localhost",
            "service=site&host=WWW.example.org",
            "service=site&host=" + HOST + "%2Fx"
        }) {
            Answer.Whole answer = ada.send(
                    at("localhost", "/handover?" + to + challenge + "&next=/").navigation());
            assertThat(answer.status()).as(to).isEqualTo(404);
        }
        Answer.Whole right =
                ada.send(at("localhost", "/handover?service=site&host=" + HOST + challenge + "&next=//evil.example/")
                        .navigation());
        assertThat(header(right, "Location"))
                .startsWith("http://" + HOST + ":8080/.carrel/enter?copy=")
                .endsWith("&next=" + PageMeans.encoded("/"));
    }

    @Test
    void a_code_holds_once_and_in_one_browser() {
        URI enter = untilEnter();
        Visitor thief = house.visitor();
        thief.send(at(HOST, "/").navigation());
        assertThat(thief.send(Visitor.to(enter).navigation()).status()).isEqualTo(400);
        assertThat(thief.jar(HOST)).doesNotContainKey("carrel_session");
        assertThat(ada.send(Visitor.to(enter).navigation()).status()).isEqualTo(400);
        assertThat(ada.send(Visitor.to(URI.create(enter.toString().replaceAll("copy=[^&]+&", "")))
                                .navigation())
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_code_for_a_session_is_none_for_the_host_of_a_service() {
        Session session = house.ready("ada");
        String origin = session.id() + ".localhost";
        URI portal = URI.create(header(ada.send(at(origin, "/").navigation()), "Location"));
        URI enter = URI.create(header(ada.send(Visitor.to(portal).navigation("cross-site")), "Location"));
        Map<String, String> jar = ada.jar(HOST);
        jar.clear();
        String code = enter.getQuery().replaceAll(".*code=([^&]+).*", "$1");
        String there = "/.carrel/enter?copy=" + house.copy().id() + "&code=" + code;
        assertThat(ada.send(at(HOST, there).navigation()).status()).isEqualTo(400);
    }

    @Test
    void signing_out_of_the_portal_ends_it_there_too() throws IOException {
        ada.visit("http://" + HOST + ":8080/");
        house.auth.signOut(ada.withCookies(TestRequest.get("/")));
        assertThat(ada.send(at(HOST, "/").fetch()).status()).isEqualTo(401);
    }

    @Test
    void beside_it_lie_the_files_of_our_pages_and_nothing_that_acts() {
        assertThat(ada.send(at(HOST, "/.carrel/web/favicon.svg").fetch()).status())
                .isEqualTo(200);
        for (String path : new String[] {"/.carrel/state", "/.carrel/events", "/.carrel/stop", "/.carrel/"})
            assertThat(ada.send(at(HOST, path).fetch()).status()).isEqualTo(404);
        assertThat(ada.send(TestRequest.of("POST", "/.carrel/stop").at("http", HOST + ":8080"))
                        .status())
                .isEqualTo(404);
    }

    private static TestRequest at(String host, String target) {
        return TestRequest.get(target).at("http", host + ":8080");
    }

    private URI untilEnter() {
        URI portal = URI.create(header(ada.send(at(HOST, "/").navigation()), "Location"));
        return URI.create(header(ada.send(Visitor.to(portal).navigation("cross-site")), "Location"));
    }
}
