package org.carrel.domain.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.Service;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.SessionId;
import org.carrel.support.FakeAgent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    private static final SessionId ID = new SessionId("abcdefgh234567ab");
    private static final ProxyRules KEPT = new ProxyRules(ProxyRules.Prefix.KEEP, ProxyRules.Host.PUBLIC);
    private final Addresses own = new Addresses(Set.of("localhost", "127.0.0.1", "[::1]"), Optional.of("localhost"));
    private final Addresses paths = new Addresses(Set.of("r.lab.example"), Optional.empty());

    @Test
    void everything_on_a_session_s_own_origin_is_the_session_s() {
        assertThat(at(own, ID + ".localhost", "/api/v1/sessions")).isEqualTo(new Place.InSession(ID, "", true));
    }

    @Test
    void but_our_own_corner_beside_it() {
        assertThat(at(own, ID + ".localhost", "/.carrel/bar.js")).isEqualTo(new Place.Beside(ID, "", true, "/bar.js"));
        assertThat(at(own, ID + ".localhost", "/.carrelx")).isEqualTo(new Place.InSession(ID, "", true));
    }

    @Test
    void a_service_lies_below_its_name_on_the_portal_s_host_alone() {
        Place.OfService site = new Place.OfService(new AppId("site"), "/service/site", false, true);
        assertThat(at(own, "localhost", "/service/site/a/b")).isEqualTo(site);
        assertThat(at(paths, "r.lab.example", "/service/site/")).isEqualTo(site);
        assertThat(at(own, ID + ".localhost", "/service/site/")).isEqualTo(new Place.InSession(ID, "", true));
        assertThat(paths.locate("r.lab.example", "r.lab.example", "/service/site", "a=1"))
                .isEqualTo(new Place.Elsewhere(308, "/service/site/?a=1"));
        for (String none : new String[] {"/service/", "/service//x", "/service/No/", "/service/%2e%2e/"})
            assertThat(at(own, "localhost", none)).isInstanceOf(Place.Nowhere.class);
        assertThat(at(own, "localhost", "/services")).isEqualTo(new Place.Portal());
    }

    @Test
    void a_service_with_a_host_is_there_and_nowhere_else() {
        AppId site = new AppId("site");
        Addresses hosted = with(new Service(List.of(), true, List.of("www.example.org", "example.org"), false));
        Place there = new Place.OfService(site, "", true, false);
        assertThat(at(hosted, "www.example.org", "/service/site/a")).isEqualTo(there);
        assertThat(at(hosted, "example.org", "/")).isEqualTo(there);
        assertThat(at(hosted, "www.example.org", "/api/v1/sessions")).isEqualTo(there);
        assertThat(at(hosted, "www.example.org", "/s/" + ID + "/")).isEqualTo(there);
        assertThat(at(hosted, "www.example.org", "/.carrel/enter")).isEqualTo(new Place.BesideService(site, "/enter"));
        assertThat(hosted.locate("localhost", "localhost:8080", "/service/site/a", "b=1"))
                .isEqualTo(new Place.Elsewhere(307, "//www.example.org:8080/a?b=1"));
        for (String other : new String[] {"a.www.example.org", "www.example.org.", "ww.example.org", "www.example.or"})
            assertThat(at(hosted, other, "/")).isInstanceOf(Place.Nowhere.class);
    }

    @Test
    void no_claim_hides_the_portal_or_a_session() {
        Addresses greedy =
                with(new Service(List.of(), true, List.of("localhost", "127.0.0.1", ID + ".localhost"), false));
        assertThat(at(greedy, "localhost", "/")).isEqualTo(new Place.Portal());
        assertThat(at(greedy, "127.0.0.1", "/")).isEqualTo(new Place.Portal());
        assertThat(at(greedy, ID + ".localhost", "/")).isEqualTo(new Place.InSession(ID, "", true));
    }

    @Test
    void only_a_trusted_service_is_not_sandboxed_on_the_portal_s_host() {
        Addresses trusting = with(new Service(List.of(), true, List.of(), true));
        assertThat(at(trusting, "localhost", "/service/site/"))
                .isEqualTo(new Place.OfService(new AppId("site"), "/service/site", false, false));
        assertThat(at(trusting, "localhost", "/service/sites/"))
                .isEqualTo(new Place.OfService(new AppId("sites"), "/service/sites", false, true));
    }

    private Addresses with(Service site) {
        App app = FakeAgent.app("site", "Site", Audience.EVERYBODY).as(site);
        return own.with(ServiceAddresses.of(List.of(app)));
    }

    @Test
    void a_kept_prefix_is_found_on_the_own_origin_too() {
        assertThat(at(own, ID + ".localhost", "/s/" + ID + "/tree"))
                .isEqualTo(new Place.InSession(ID, "/s/" + ID, true));
    }

    @Test
    void where_sessions_have_own_origins_the_portal_s_host_serves_none_of_their_bytes() {
        assertThat(own.locate("localhost", "localhost:8080", "/s/" + ID + "/x", "a=1"))
                .isEqualTo(new Place.Elsewhere(307, "//" + ID + ".localhost:8080/x?a=1"));
    }

    @Test
    void a_bare_address_gets_path_mode() {
        assertThat(at(own, "127.0.0.1", "/s/" + ID + "/x")).isEqualTo(new Place.InSession(ID, "/s/" + ID, false));
        assertThat(own.addressOf(ID, ProxyRules.PLAIN, "http", "[::1]:8080")).isEqualTo("/s/" + ID + "/");
    }

    @Test
    void a_missing_slash_is_added_once() {
        assertThat(paths.locate("r.lab.example", "r.lab.example", "/s/" + ID, "q"))
                .isEqualTo(new Place.Elsewhere(308, "/s/" + ID + "/?q"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "abcdefgh234567a1.localhost",
                "x.abcdefgh234567ab.localhost",
                "",
                "localhost.",
                "0x7f000001"
            })
    void other_hosts_are_nobody_s(String host) {
        assertThat(at(own, host, "/"))
                .isInstanceOfSatisfying(
                        Place.Nowhere.class,
                        nowhere -> assertThat(nowhere.status()).isEqualTo(421));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/s/ABCDEFGH234567AB/", "/s/abc/", "/s//", "/s/abcdefgh234567abc/"})
    void what_is_no_session_id_leads_nowhere(String path) {
        assertThat(at(paths, "r.lab.example", path)).isInstanceOf(Place.Nowhere.class);
    }

    @Test
    void tells_the_address_of_a_session() {
        assertThat(own.addressOf(ID, ProxyRules.PLAIN, "http", "localhost:8080"))
                .isEqualTo("http://" + ID + ".localhost:8080/");
        assertThat(own.addressOf(ID, KEPT, "https", "localhost"))
                .isEqualTo("https://" + ID + ".localhost/s/" + ID + "/");
    }

    private static Place at(Addresses addresses, String host, String path) {
        return addresses.locate(host, host + ":8080", path, "");
    }
}
