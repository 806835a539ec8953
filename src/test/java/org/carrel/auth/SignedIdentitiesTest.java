package org.carrel.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.ApiWords;
import org.carrel.domain.route.Origin;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Request.Proof;
import org.carrel.port.Audit;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Standing;
import org.carrel.support.TestClock;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedIdentitiesTest {
    private static final UserId ADA = new UserId("ada");

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private final Map<UserId, Account> accounts = new HashMap<>();
    private Auth auth;

    @BeforeEach
    void open() throws IOException {
        accounts.put(ADA, new Account(ADA, Set.of("admin"), "1"));
        auth = Auth.open(directory, user -> Optional.ofNullable(accounts.get(user)), List.of(), clock, Audit.NONE);
    }

    @AfterEach
    void close() throws IOException {
        auth.close();
    }

    @Test
    void no_proof_is_nobody() {
        assertThat(identify(TestRequest.get("/"))).isInstanceOf(Identity.Nobody.class);
        assertThat(identify(TestRequest.get("/").with("Cookie", "carrel_portalx=1; theme=dark")))
                .isInstanceOf(Identity.Nobody.class);
    }

    @Test
    void a_bearer_may_what_its_token_says_and_never_more_than_its_user() throws IOException {
        String token = auth.tokens()
                .make(ADA, Set.of(Scope.USE, Scope.ADMIN), Duration.ofDays(1))
                .token();
        TestRequest request = TestRequest.get("/").with("Authorization", "Bearer " + token);
        assertThat(known(request).principal().scopes()).containsExactlyInAnyOrder(Scope.USE, Scope.ADMIN);
        assertThat(known(request).proof()).isEqualTo(Proof.TOKEN);
        accounts.put(ADA, new Account(ADA, Set.of(), "1"));
        assertThat(known(request).principal().scopes()).containsExactly(Scope.USE);
        accounts.clear();
        assertThat(identify(request)).isInstanceOf(Identity.Refused.class);
    }

    @Test
    void a_token_that_does_not_hold_is_refused_even_beside_a_good_cookie() {
        TestRequest request = signedIn(TestRequest.get("/")).with("Authorization", "bearer carrel_" + "a".repeat(43));
        assertThat(identify(request)).isEqualTo(new Identity.Refused(401, "the token is unknown, revoked or expired"));
    }

    @Test
    void two_authorization_headers_with_one_of_ours_are_refused() throws IOException {
        String token =
                auth.tokens().make(ADA, Set.of(Scope.USE), Duration.ofDays(1)).token();
        TestRequest request =
                TestRequest.get("/").with("Authorization", "Bearer " + token).with("Authorization", "Basic eDp5");
        assertThat(identify(request))
                .isInstanceOfSatisfying(
                        Identity.Refused.class, it -> assertThat(it.status()).isEqualTo(400));
    }

    @Test
    void the_authorization_of_a_workload_is_not_ours_to_judge() {
        TestRequest request = signedIn(TestRequest.get("/")).with("Authorization", "token abc");
        assertThat(known(request).proof()).isEqualTo(Proof.COOKIE);
        assertThat(identify(TestRequest.get("/").with("Authorization", "Basic YWRhOnB3")))
                .isInstanceOf(Identity.Nobody.class);
    }

    @Test
    void a_forged_or_foreign_cookie_is_refused() throws IOException {
        Path elsewhere = directory.resolve("other");
        try (Auth other =
                Auth.open(elsewhere, user -> Optional.ofNullable(accounts.get(user)), List.of(), clock, Audit.NONE)) {
            String foreign =
                    value(other.welcome(accounts.get(ADA), TestRequest.get("/")).value());
            for (String cookie : List.of(foreign, "", "ada", "a.b.c", foreign.substring(0, foreign.length() - 5)))
                assertThat(identify(TestRequest.get("/").with("Cookie", "carrel_portal=" + cookie)))
                        .as(cookie)
                        .isInstanceOf(Identity.Refused.class);
        }
    }

    @Test
    void on_https_a_cookie_without_the_host_prefix_counts_for_nothing() {
        String value =
                value(auth.welcome(accounts.get(ADA), TestRequest.get("/")).value());
        TestRequest request = TestRequest.get("/").at("https", "lab.example");
        assertThat(identify(request.with("Cookie", "carrel_portal=" + value))).isInstanceOf(Identity.Nobody.class);
        assertThat(identify(request.with("Cookie", "carrel_portal=x; __Host-carrel_portal=" + value)))
                .isInstanceOf(Identity.Known.class);
    }

    @Test
    void the_portal_cookie_proves_nothing_on_the_origin_of_a_session() {
        SessionId session = SessionId.of(new byte[10]);
        TestRequest request = signedIn(TestRequest.get("/"));
        assertThat(auth.identities().identify(request, new Origin.OfSession(session)))
                .isInstanceOf(Identity.Nobody.class);
    }

    @Test
    void the_cookie_of_a_session_is_for_that_session_whatever_its_address_says() throws IOException {
        Signer signer = Signer.open(directory.resolve("key"));
        OriginCookie cookies = new OriginCookie(signer, clock);
        TestRequest head = TestRequest.get("/");
        SignedIn portal =
                auth.identities().provenOnPortal(signedIn(head)).orElseThrow().signedIn();
        SessionId session = SessionId.of(new byte[10]);
        String cookie =
                value(cookies.write(portal, new Origin.OfSession(session), head).value());
        assertThat(cookies.read(cookie, new Origin.OfSession(session), head)).isPresent();
        SessionId other = SessionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
        assertThat(cookies.read(cookie, new Origin.OfSession(other), head)).isEmpty();
    }

    @Test
    void what_a_sign_in_opened_ends_with_the_sign_in_and_with_no_other() throws IOException {
        TestRequest one = signedIn(TestRequest.get("/"));
        TestRequest other = signedIn(TestRequest.get("/"));
        Standing standing = known(one).standing();
        Standing stays = known(other).standing();
        assertThat(standing).isEqualTo(known(one).standing()).isNotEqualTo(stays);
        long before = auth.identities().version();
        auth.signOut(one);
        assertThat(auth.identities().version()).isGreaterThan(before);
        assertThat(standing.holds()).isFalse();
        assertThat(stays.holds()).isTrue();
    }

    @Test
    void what_a_token_opened_ends_when_it_is_revoked_or_expires() throws IOException {
        Standing revoked = standingOfToken(Duration.ofDays(2));
        Standing expiring = standingOfToken(Duration.ofDays(1));
        String id = auth.tokens().list(ADA).stream()
                .filter(it -> it.expires().isAfter(clock.instant().plus(Duration.ofDays(1))))
                .findFirst()
                .orElseThrow()
                .id();
        assertThat(revoked.holds()).isTrue();
        long before = auth.identities().version();
        auth.tokens().revoke(ADA, id);
        assertThat(auth.identities().version()).isGreaterThan(before);
        assertThat(revoked.holds()).isFalse();
        assertThat(expiring.holds()).isTrue();
        clock.advance(Duration.ofDays(1));
        assertThat(expiring.holds()).isFalse();
    }

    @Test
    void what_a_user_opened_ends_with_the_account_the_password_and_the_right() throws IOException {
        Standing removed = known(signedIn(TestRequest.get("/"))).standing();
        assertThat(removed.holds()).isTrue();
        Account ada = accounts.remove(ADA);
        assertThat(removed.holds()).isFalse();
        accounts.put(ADA, new Account(ADA, ada.groups(), "2"));
        assertThat(removed.holds()).as("another password").isFalse();
        accounts.put(ADA, new Account(ADA, Set.of(), ada.stamp()));
        assertThat(removed.holds()).as("an administrator no more").isFalse();
        accounts.put(ADA, ada);
        assertThat(removed.holds()).isTrue();
        clock.advance(PortalCookie.LONGEST);
        assertThat(removed.holds()).as("the password was given too long ago").isFalse();
    }

    private Standing standingOfToken(Duration life) throws IOException {
        String token = auth.tokens().make(ADA, Set.of(Scope.USE), life).token();
        return known(TestRequest.get("/").with("Authorization", "Bearer " + token))
                .standing();
    }

    @Test
    void unsafe_requests_need_origin_token_and_json() {
        TestRequest post = signedIn(TestRequest.post("/api/v1/sessions")).as("ada");
        String token = auth.csrf().tokenFor(post);
        TestRequest meant = post.with("Origin", "http://localhost:8080").with(ApiWords.CSRF_HEADER, token);
        assertThat(auth.csrf().objection(meant.json("{}"))).isEmpty();
        assertThat(auth.csrf().objection(meant)).as("no body").isEmpty();
        assertThat(auth.csrf().objection(meant.body("text/plain", "{}"))).isPresent();
        assertThat(auth.csrf().objection(meant.body("multipart/form-data; boundary=x", "{}")))
                .isPresent();
        assertThat(auth.csrf().objection(meant.with("Content-Length", "3")))
                .as("no type")
                .isPresent();
        assertThat(auth.csrf().objection(meant.with("Sec-Fetch-Site", "same-site")))
                .isPresent();
        assertThat(auth.csrf().objection(post.with("Origin", "http://localhost:8080")))
                .isPresent();
        assertThat(auth.csrf().objection(post.with(ApiWords.CSRF_HEADER, token)))
                .isPresent();
        assertThat(auth.csrf().objection(meant.with("Origin", "http://localhost:8080")))
                .as("two")
                .isPresent();
        for (String origin : List.of("null", "http://localhost", "http://localhost:8081", "https://localhost:8080"))
            assertThat(auth.csrf().objection(post.with("Origin", origin).with(ApiWords.CSRF_HEADER, token)))
                    .as(origin)
                    .isPresent();
    }

    @Test
    void the_token_of_one_sign_in_is_of_no_use_to_another() {
        TestRequest one = signedIn(TestRequest.post("/")).as("ada");
        TestRequest other = signedIn(TestRequest.post("/")).as("ada").with("Origin", "http://localhost:8080");
        assertThat(auth.csrf()
                        .objection(other.with(ApiWords.CSRF_HEADER, auth.csrf().tokenFor(one))))
                .isPresent();
    }

    @Test
    void bearers_need_no_token_of_pages() {
        TestRequest request = TestRequest.post("/").by(accounts.get(ADA).principal(), Proof.TOKEN);
        assertThat(auth.csrf().objection(request)).isEmpty();
    }

    private TestRequest signedIn(TestRequest request) {
        return request.with(
                "Cookie",
                "a=b; carrel_portal="
                        + value(auth.welcome(accounts.get(ADA), request).value()));
    }

    private Identity identify(TestRequest request) {
        return auth.identities().identify(request, Origin.PORTAL);
    }

    private Identity.Known known(TestRequest request) {
        return (Identity.Known) identify(request);
    }

    private static String value(String setCookie) {
        return setCookie.substring(setCookie.indexOf('=') + 1, setCookie.indexOf(';'));
    }
}
