package org.carrel.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.route.Origin;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.port.Audit;
import org.carrel.port.Identities.Identity;
import org.carrel.port.SharedProofs;
import org.carrel.port.SharedProofs.Fact;
import org.carrel.port.SharedProofs.Told;
import org.carrel.support.TestClock;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What two nodes of one cluster tell each other of sign-ins and tokens.
class ProofsTest {
    private static final UserId ADA = new UserId("ada");
    private static final Account ACCOUNT = new Account(ADA, Set.of(), "1");
    private static final byte[] SHARED = new byte[32];

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private Auth one;
    private Auth two;

    @BeforeEach
    void open() throws IOException {
        one = openAt("one");
        two = openAt("two");
    }

    private Auth openAt(String name) throws IOException {
        return Auth.open(
                directory.resolve(name),
                Optional.of(SHARED),
                user -> user.equals(ADA) ? Optional.of(ACCOUNT) : Optional.empty(),
                List.of(),
                clock,
                Audit.NONE);
    }

    @AfterEach
    void close() throws IOException {
        one.close();
        two.close();
    }

    @Test
    void a_sign_out_at_one_gateway_ends_the_sign_in_at_the_other_also_after_a_restart() throws Exception {
        TestRequest request = signedIn();
        assertThat(holdsAt(two, request)).as("one cookie for both").isTrue();
        one.signOut(request);
        assertThat(holdsAt(two, request)).as("not told yet").isTrue();
        long before = two.identities().version();
        tell(one, two);
        assertThat(holdsAt(two, request)).isFalse();
        assertThat(two.identities().version()).isGreaterThan(before);
        two.close();
        two = openAt("two");
        assertThat(holdsAt(two, request)).isFalse();
    }

    @Test
    void what_one_learned_it_tells_to_a_third() throws Exception {
        TestRequest request = signedIn();
        one.signOut(request);
        tell(one, two);
        try (Auth three = openAt("three")) {
            tell(two, three);
            assertThat(holdsAt(three, request)).isFalse();
        }
    }

    @Test
    void a_cookie_that_a_gateway_renewed_while_it_was_cut_off_does_not_outlive_the_sign_out() throws Exception {
        TestRequest request = signedIn();
        one.signOut(request);
        clock.advance(Duration.ofHours(7));
        TestRequest renewed = TestRequest.get("/")
                .with("Cookie", pair(two.renewed(request).orElseThrow().value()));
        clock.advance(Duration.ofHours(8));
        assertThat(holdsAt(two, renewed)).isTrue();
        one.close();
        one = openAt("one"); // forgets what is over
        tell(one, two);
        assertThat(holdsAt(two, renewed)).isFalse();
    }

    @Test
    void sign_outs_are_forgotten_when_no_cookie_of_theirs_can_hold() throws Exception {
        one.signOut(signedIn());
        clock.advance(PortalCookie.LONGEST.plusSeconds(1));
        assertThat(told(one).facts()).isEmpty();
    }

    @Test
    void whoever_asks_again_hears_only_what_is_new_and_all_of_it_from_another_program() throws Exception {
        one.signOut(signedIn());
        Told first = told(one);
        assertThat(first.facts()).hasSize(1);
        one.signOut(signedIn());
        Told second = one.proofs().after(first.run(), first.position(), Duration.ZERO);
        assertThat(second.facts()).hasSize(1).isNotEqualTo(first.facts());
        assertThat(one.proofs()
                        .after(second.run(), second.position(), Duration.ZERO)
                        .facts())
                .isEmpty();
        one.close();
        one = openAt("one");
        assertThat(one.proofs()
                        .after(second.run(), second.position(), Duration.ZERO)
                        .facts())
                .as("positions of another run mean nothing")
                .hasSize(2);
    }

    @Test
    void much_is_told_in_portions_and_nothing_is_left_out() throws Exception {
        for (int i = 0; i < SharedProofs.MOST + 10; i++) one.proofs().learn(List.of(signedOut("login" + i)));
        Told first = told(one);
        assertThat(first.facts()).hasSize(SharedProofs.MOST);
        assertThat(one.proofs()
                        .after(first.run(), first.position(), Duration.ZERO)
                        .facts())
                .hasSize(10);
    }

    @Test
    void news_are_told_at_once_to_who_waits() throws Exception {
        Told known = told(one);
        Thread signsOut = Thread.ofVirtual().start(() -> {
            try {
                one.signOut(signedIn());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(one.proofs()
                        .after(known.run(), known.position(), Duration.ofMinutes(5))
                        .facts())
                .hasSize(1);
        signsOut.join();
    }

    @Test
    void a_token_holds_at_each_gateway_and_is_revoked_at_each() throws Exception {
        TestRequest bearer = bearer(one);
        assertThat(holdsAt(two, bearer)).isFalse();
        tell(one, two);
        assertThat(holdsAt(two, bearer)).isTrue();
        // taken back where it wasn't made
        two.tokens().revoke(ADA, two.tokens().list(ADA).getFirst().id());
        tell(two, one);
        assertThat(holdsAt(one, bearer)).isFalse();
    }

    @Test
    void a_revoked_token_is_not_brought_back_by_a_node_that_missed_it() throws Exception {
        TestRequest bearer = bearer(one);
        Told stale = told(one);
        tell(one, two);
        one.tokens().revoke(ADA, one.tokens().list(ADA).getFirst().id());
        one.proofs().learn(stale.facts());
        assertThat(holdsAt(one, bearer)).isFalse();
        one.close();
        one = openAt("one");
        one.proofs().learn(stale.facts());
        assertThat(holdsAt(one, bearer)).isFalse();
        // and the other way round
        tell(one, two);
        assertThat(holdsAt(two, bearer)).isFalse();
    }

    @Test
    void what_makes_no_sense_changes_nothing() throws Exception {
        TestRequest request = signedIn();
        Instant now = clock.instant();
        one.proofs().learn(List.of(new Fact.AllBefore(now.plus(Duration.ofDays(1)))));
        assertThat(holdsAt(one, request))
                .as("a time to come would keep everybody out")
                .isTrue();
        for (Fact senseless : List.of(
                signedOut("x\n1 *"),
                signedOut(""),
                token("short", now.plusSeconds(100)),
                new Fact.Token("a".repeat(43), ADA, Set.of("use"), now, now.plus(Duration.ofDays(400)), false)))
            assertThatThrownBy(() -> one.proofs().learn(List.of(senseless)))
                    .isInstanceOf(IllegalArgumentException.class);
        one.proofs().learn(List.of(token("a".repeat(43), now.minusSeconds(1))));
        assertThat(told(one).facts()).isEmpty();
        assertThat(holdsAt(one, request)).isTrue();
    }

    @Test
    void a_limit_that_was_overrun_holds_at_the_others_too() throws Exception {
        TestRequest request = signedIn();
        clock.advance(Duration.ofSeconds(10));
        one.proofs().learn(List.of(new Fact.AllBefore(clock.instant())));
        tell(one, two);
        assertThat(holdsAt(two, request)).isFalse();
        tell(two, one);
        assertThat(told(one).facts()).isEqualTo(told(two).facts()).hasSize(1);
    }

    private TestRequest signedIn() {
        return TestRequest.get("/")
                .with("Cookie", pair(one.welcome(ACCOUNT, TestRequest.get("/")).value()));
    }

    private static String pair(String setCookie) {
        return setCookie.substring(0, setCookie.indexOf(';'));
    }

    private static TestRequest bearer(Auth at) throws IOException {
        String token =
                at.tokens().make(ADA, Set.of(Scope.USE), Duration.ofDays(1)).token();
        return TestRequest.get("/").with("Authorization", "Bearer " + token);
    }

    private static Fact signedOut(String login) {
        return new Fact.SignedOut(login, Duration.ZERO);
    }

    private static Fact token(String digest, Instant expires) {
        return new Fact.Token(digest, ADA, Set.of("use"), expires.minusSeconds(100), expires, false);
    }

    private static boolean holdsAt(Auth at, TestRequest request) {
        return at.identities().identify(request, Origin.PORTAL) instanceof Identity.Known;
    }

    private static Told told(Auth by) throws InterruptedException {
        return by.proofs().after("", 0, Duration.ZERO);
    }

    private static void tell(Auth from, Auth to) throws Exception {
        to.proofs().learn(told(from).facts());
    }
}
