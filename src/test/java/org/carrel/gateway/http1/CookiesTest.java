package org.carrel.gateway.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CookiesTest {
    private final Way ownOrigin = new Way("", true, true, "http", "id.localhost:8080", false);
    private final Way stripped = new Way("/s/id", true, false, "http", "10.0.0.1:8080", false);
    private final Way kept = new Way("/s/id", false, false, "http", "10.0.0.1:8080", true);

    @Test
    void our_cookies_are_taken_out_and_others_stay() {
        assertThat(without("a=b; carrel_session=x; __Host-carrel_portal=y; c=d; __Secure-Carrel_z=1"))
                .isEqualTo("a=b; c=d");
        assertThat(without("carrel_a=b")).isEmpty();
        assertThat(without("xcarrel_a=b")).isEqualTo("xcarrel_a=b");
    }

    @Test
    void no_workload_sets_one_of_ours_under_any_spelling() {
        for (String value : new String[] {
            "carrel_user=x; Path=/",
            "CARREL_user=x",
            "__Host-carrel_user=x",
            "=carrel_user=x",
            "carrel_user",
            "",
            " ;Path=/"
        }) assertThat(mended(value, ownOrigin)).as(value).isEmpty();
    }

    @Test
    void a_cookie_for_a_whole_domain_is_dropped() {
        assertThat(mended("a=b; domain=localhost", ownOrigin)).isEmpty();
        assertThat(mended("a=b; Domain = .example", stripped)).isEmpty();
    }

    @Test
    void on_its_own_origin_a_cookie_stays_as_it_is() {
        assertThat(mended("a=b; Path=/; HttpOnly", ownOrigin))
                .contains("a=b; Path=/; HttpOnly".replace("Path=/; HttpOnly", "Path=/; HttpOnly"));
        assertThat(mended("__Host-a=b; Path=/", ownOrigin)).contains("__Host-a=b; Path=/");
    }

    @Test
    void below_a_path_a_cookie_is_bound_to_that_path() {
        assertThat(mended("_xsrf=b; Path=/; Secure", kept)).contains("_xsrf=b; Secure; Path=/s/id/");
        assertThat(mended("a=b; Path=/s/id/x", kept)).contains("a=b; Path=/s/id/x");
        assertThat(mended("a=b; Path=/x", stripped)).contains("a=b; Path=/s/id/x");
        assertThat(mended("a=b; Path=/s/id2/", kept)).contains("a=b; Path=/s/id/");
        assertThat(mended("a=b; Path=/x; Path=/", stripped)).contains("a=b; Path=/s/id/");
        assertThat(mended("__Secure-a=b", stripped)).isEmpty();
    }

    @Test
    void redirects_lead_where_the_browser_can_follow() {
        assertThat(stripped.mended("/login?next=/")).isEqualTo("/s/id/login?next=/");
        assertThat(stripped.mended("/s/id/login")).isEqualTo("/s/id/login");
        assertThat(stripped.mended("login")).isEqualTo("login");
        assertThat(stripped.mended("http://localhost:3838/x")).isEqualTo("http://10.0.0.1:8080/s/id/x");
        assertThat(stripped.mended("http://10.0.0.1:8080/x")).isEqualTo("http://10.0.0.1:8080/s/id/x");
        assertThat(stripped.mended("//10.0.0.1:8080?a")).isEqualTo("http://10.0.0.1:8080/s/id/?a");
        assertThat(kept.mended("/s/id/tree?")).isEqualTo("/s/id/tree?");
        assertThat(kept.mended("http://localhost/s/id/tree")).isEqualTo("http://10.0.0.1:8080/s/id/tree");
        assertThat(ownOrigin.mended("/x")).isEqualTo("/x");
        for (String away : new String[] {"https://example.org/", "http://localhost@evil.example/", "//evil.example/x"})
            assertThat(stripped.mended(away)).isEqualTo(away);
    }

    @Test
    void what_is_withheld_passes_neither_way_under_any_spelling() {
        Set<String> withheld = Cookies.names(Set.of("user-id", "CSRF-token"));
        assertThat(Cookies.without("a=b; user-id=ann; USER-ID =bob; csrf-Token=1; user-id2=c", withheld))
                .isEqualTo("a=b; user-id2=c");
        for (String value : new String[] {"user-id=x; Path=/", "User-Id =x", "csrf-token=y"})
            assertThat(Cookies.mended(value, ownOrigin, withheld)).as(value).isEmpty();
        assertThat(Cookies.mended("user-id2=x", ownOrigin, withheld)).contains("user-id2=x");
    }

    private static String without(String value) {
        return Cookies.without(value, Set.of());
    }

    private static Optional<String> mended(String value, Way way) {
        return Cookies.mended(value, way, Set.of());
    }
}
