package org.carrel.control.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.control.page.PageHouse.header;
import static org.carrel.control.page.PageHouse.text;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.carrel.api.ApiWords;
import org.carrel.http.Answer;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignInPagesTest {
    @TempDir
    Path directory;

    private PageHouse house;
    private Visitor visitor;

    @BeforeEach
    void open() throws IOException {
        house = new PageHouse(directory);
        visitor = house.visitor();
    }

    @AfterEach
    void close() throws IOException {
        house.close();
    }

    @Test
    void the_front_page_of_a_stranger_leads_to_the_sign_in() {
        Answer.Whole answer = visitor.send(TestRequest.get("/").navigation());
        assertThat(answer.status()).isEqualTo(302);
        assertThat(header(answer, "Location")).isEqualTo("/sign-in?next=%2F");
    }

    @Test
    void who_signs_in_lands_where_they_wanted_to_go() {
        Answer.Whole answer = visitor.signIn("ada", "ada-pw", "/app/faithful");
        assertThat(answer.status()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/app/faithful");
        assertThat(text(visitor.visit("/"))).contains("\"user\":\"ada\"");
    }

    @Test
    void the_portal_cookie_is_for_this_host_and_for_no_script() {
        assertThat(header(visitor.signIn("ada"), "Set-Cookie"))
                .startsWith("carrel_portal=")
                .contains("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax")
                .doesNotContain("Domain");
    }

    @Test
    void on_https_the_cookie_is_one_that_no_other_host_can_set() {
        Answer.Whole answer = house.whole(TestRequest.post("/sign-in")
                .at("https", "lab.example")
                .with("Origin", "https://lab.example")
                .form("user=ada&password=ada-pw&next=/"));
        assertThat(header(answer, "Set-Cookie"))
                .startsWith("__Host-carrel_portal=")
                .contains("; Secure");
    }

    @Test
    void a_wrong_password_shows_the_page_again_and_says_so() {
        Answer.Whole answer = visitor.signIn("ada", "nope", "/app/faithful");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(text(answer)).contains("\"problem\":\"wrong\"").contains("/app/faithful");
        assertThat(header(answer, "Set-Cookie")).isEmpty();
    }

    @Test
    void an_unknown_user_gets_the_very_same_answer_as_a_wrong_password() {
        assertThat(text(visitor.signIn("nobody", "x", "/"))
                        .replace("nobody", "ada")
                        .replaceAll("nonce[^;>]*", ""))
                .isEqualTo(text(visitor.signIn("ada", "x", "/")).replaceAll("nonce[^;>]*", ""));
    }

    @Test
    void each_attempt_and_the_sign_out_are_noted_and_no_secret_is() {
        visitor.signIn("ada", "wrong-secret", "/");
        visitor.signIn("secret-in-the-wrong-field", "x", "/");
        visitor.signIn("ada");
        String token = house.auth.csrf().tokenFor(visitor.withCookies(TestRequest.get("/")));
        visitor.send(TestRequest.post("/sign-out")
                .with("Origin", "http://localhost:8080")
                .with(ApiWords.CSRF_HEADER, token)
                .json("{}"));
        assertThat(house.audited)
                .extracting(entry -> entry.what().word() + " " + entry.who() + " " + entry.outcome())
                .containsExactly("sign-in ada wrong", "sign-in  wrong", "sign-in ada ok", "sign-out ada ok");
        assertThat(house.audited).allSatisfy(entry -> {
            assertThat(entry.more()).containsKeys("from", "request");
            assertThat(entry.toString()).doesNotContain("secret", "ada-pw");
        });
    }

    @Test
    void many_wrong_passwords_are_slowed_down_for_right_ones_too() {
        for (int i = 0; i < 5; i++) visitor.signIn("ada", "nope", "/");
        Answer.Whole answer = visitor.signIn("ada");
        assertThat(answer.status()).isEqualTo(429);
        assertThat(header(answer, "Retry-After")).isEqualTo("1");
        house.clock.advance(Duration.ofSeconds(1));
        assertThat(visitor.signIn("ada").status()).isEqualTo(303);
    }

    @ParameterizedTest
    @ValueSource(strings = {"//evil", "/\\evil", "https:evil", "/\r\nX: y", "javascript:alert(1)"})
    void next_leads_nowhere_but_to_our_own_pages(String next) {
        assertThat(header(visitor.signIn("ada", "ada-pw", next), "Location")).isEqualTo("/");
        Answer.Whole page = visitor.send(TestRequest.get("/sign-in?next=" + PageMeans.encoded(next)));
        assertThat(header(page, "Location")).isEqualTo("/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "http://evil.example", "https://localhost:8080", "http://localhost:8081", ""})
    void a_form_from_elsewhere_signs_nobody_in(String origin) {
        TestRequest request = TestRequest.post("/sign-in");
        if (!origin.isEmpty()) request = request.with("Origin", origin);
        Answer.Whole answer = house.whole(request.form("user=ada&password=ada-pw&next=/"));
        assertThat(answer.status()).isEqualTo(403);
        assertThat(header(answer, "Set-Cookie")).isEmpty();
    }

    @Test
    void a_form_that_fetch_metadata_calls_cross_site_signs_nobody_in() {
        Answer.Whole answer = house.whole(TestRequest.post("/sign-in")
                .with("Origin", "http://localhost:8080")
                .with("Sec-Fetch-Site", "cross-site")
                .form("user=ada&password=ada-pw&next=/"));
        assertThat(answer.status()).isEqualTo(403);
    }

    @Test
    void a_portal_cookie_is_worth_nothing_after_the_sign_out() throws IOException {
        visitor.signIn("ada");
        TestRequest kept = visitor.withCookies(TestRequest.get("/").navigation());
        assertThat(house.whole(kept).status()).isEqualTo(200);
        String csrf = house.auth.csrf().tokenFor(kept);
        Answer.Whole out = visitor.send(TestRequest.post("/sign-out")
                .with("Origin", "http://localhost:8080")
                .with(ApiWords.CSRF_HEADER, csrf)
                .json("{}"));
        assertThat(out.status()).isEqualTo(204);
        assertThat(header(out, "Set-Cookie")).contains("carrel_portal=; Path=/; Max-Age=0");
        assertThat(house.whole(kept).status()).isEqualTo(302);
        house.close();
        house = new PageHouse(directory); // and after a restart
        assertThat(house.whole(kept).status()).isEqualTo(302);
    }

    @Test
    void a_sign_out_that_the_user_did_not_mean_changes_nothing() {
        visitor.signIn("ada");
        TestRequest out = TestRequest.post("/sign-out").with("Origin", "http://localhost:8080");
        assertThat(visitor.send(out).status()).isEqualTo(403);
        assertThat(visitor.send(TestRequest.post("/sign-out")
                                .with("Origin", "null")
                                .form("csrf=x"))
                        .status())
                .isEqualTo(403);
        assertThat(visitor.visit("/").status()).isEqualTo(200);
    }

    /// Where a workload's own way to sign out leads.
    @Test
    void a_page_offers_the_sign_out_and_its_button_does_it() {
        assertThat(header(house.whole(TestRequest.get("/sign-out").navigation()), "Location"))
                .isEqualTo("/sign-in?out");
        visitor.signIn("ada");
        assertThat(visitor.visit("/sign-out").status()).isEqualTo(200);
        assertThat(visitor.visit("/").status())
                .as("a link alone signs nobody out")
                .isEqualTo(200);
        String csrf = house.auth.csrf().tokenFor(visitor.withCookies(TestRequest.get("/")));
        Answer.Whole out = visitor.send(TestRequest.post("/sign-out")
                .with("Origin", "http://localhost:8080")
                .form("csrf=" + csrf));
        assertThat(header(out, "Location")).isEqualTo("/sign-in?out");
        assertThat(house.whole(visitor.withCookies(TestRequest.get("/").navigation()))
                        .status())
                .isEqualTo(302);
    }

    @Test
    void a_cookie_in_use_is_renewed_after_half_its_life_and_never_past_a_week() {
        visitor.signIn("ada");
        assertThat(header(visitor.send(TestRequest.get("/").navigation()), "Set-Cookie"))
                .isEmpty();
        for (int half = 1; half <= 27; half++) {
            house.clock.advance(Duration.ofHours(6));
            assertThat(header(visitor.send(TestRequest.get("/").navigation()), "Set-Cookie"))
                    .as("after %s half days", half)
                    .startsWith("carrel_portal=");
        }
        house.clock.advance(Duration.ofHours(6));
        assertThat(visitor.send(TestRequest.get("/").navigation()).status()).isEqualTo(302);
    }

    @Test
    void an_expired_cookie_leads_to_the_sign_in() {
        visitor.signIn("ada");
        house.clock.advance(Duration.ofHours(12));
        assertThat(visitor.send(TestRequest.get("/").navigation()).status()).isEqualTo(302);
    }

    @Test
    void a_user_who_was_removed_or_has_another_password_is_out_at_the_next_request() {
        visitor.signIn("ada");
        house.put("ada", Set.of(), "2");
        assertThat(visitor.send(TestRequest.get("/").navigation()).status()).isEqualTo(302);
        house.put("ada", Set.of(), "1");
        assertThat(visitor.send(TestRequest.get("/").navigation()).status()).isEqualTo(200);
        house.accounts.clear();
        assertThat(visitor.send(TestRequest.get("/").navigation()).status()).isEqualTo(302);
    }

    @Test
    void two_cookies_of_one_name_are_refused() {
        visitor.signIn("ada");
        String value = visitor.jar("localhost").get("carrel_portal");
        TestRequest request = TestRequest.get("/").navigation();
        assertThat(house.whole(request.with("Cookie", "carrel_portal=" + value + "; carrel_portal=x"))
                        .status())
                .isEqualTo(400);
        assertThat(house.whole(request.with("Cookie", "carrel_portal=" + value)
                                .with("Cookie", "carrel_portal=" + value))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void only_administrators_see_that_there_is_a_page_for_them() {
        visitor.signIn("ada");
        assertThat(visitor.visit("/admin").status()).isEqualTo(404);
        Visitor other = house.visitor();
        other.signIn("admin");
        assertThat(other.visit("/admin").status()).isEqualTo(200);
    }

    @Test
    void a_name_that_only_looks_like_a_users_is_nobodys() {
        house.put("kim", Set.of(), "1");
        assertThat(visitor.signIn(PageMeans.encoded(" KIM "), "kim-pw", "/").status())
                .as("case and blanks don't matter")
                .isEqualTo(303);
        assertThat(visitor.signIn(PageMeans.encoded("\u212Aim"), "kim-pw", "/").status())
                .as("the Kelvin sign")
                .isEqualTo(401);
    }

    @Test
    void who_was_right_is_not_held_up_by_earlier_mistakes() {
        for (int i = 0; i < 4; i++) visitor.signIn("ada", "nope", "/");
        assertThat(visitor.signIn("ada").status()).isEqualTo(303);
        assertThat(visitor.signIn("ada").status()).isEqualTo(303);
    }

    @Test
    void signing_in_ends_the_sign_in_that_was_there_before() {
        visitor.signIn("ada");
        TestRequest kept = visitor.withCookies(TestRequest.get("/").navigation());
        visitor.signIn("ben");
        assertThat(house.whole(kept).status()).isEqualTo(302);
        assertThat(text(visitor.visit("/"))).contains("\"user\":\"ben\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user=ben&user=ada&password=ada-pw&next=/",
                "user=ada&password=ada-pw&next=%zz",
                "user=ada&password=ada-pw&next",
                "{\"user\":\"ada\",\"password\":\"ada-pw\"}"
            })
    void a_damaged_form_is_not_guessed_at(String form) {
        Answer.Whole answer = visitor.send(TestRequest.post("/sign-in")
                .with("Origin", "http://localhost:8080")
                .form(form));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(header(answer, "Set-Cookie")).isEmpty();
    }

    @Test
    void a_form_without_end_and_one_of_another_type_are_refused() {
        String form = "user=ada&password=ada-pw&next=/";
        TestRequest post = TestRequest.post("/sign-in").with("Origin", "http://localhost:8080");
        assertThat(visitor.send(post.form(form + "&x=" + "y".repeat(20_000))).status())
                .isEqualTo(400);
        assertThat(visitor.send(post.body("text/plain", form)).status()).isEqualTo(400);
    }
}
