package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.App;
import org.carrel.domain.app.Attachment;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.SignOn;
import org.carrel.domain.user.UserId;
import org.carrel.kind.KindDriver.Proof;
import org.carrel.kind.KindDriver.Secret;
import org.carrel.kind.KindDriver.Served;
import org.carrel.kind.KindDriver.StopStep;
import org.carrel.launch.Launcher.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RStudioDriverTest extends KindContract {
    private static final UserId ADA = new UserId("ada");
    private static final Instant NOW = Instant.parse("2026-11-21T22:59:59Z");
    private static final Endpoint SERVER = new Endpoint.Unix("/run/rserver.sock");

    @TempDir
    Path temporary;

    private final CookieKeys keys = new CookieKeys();

    @Override
    RStudioDriver driver() {
        return new RStudioDriver(keys, false);
    }

    /// launched
    @Override
    App app() {
        return app(driver(), Optional.empty(), List.of());
    }

    private App attached(String key, Map<String, String> accounts) {
        return app().attachedTo(new Attachment(SERVER, key, accounts));
    }

    private String key() throws IOException {
        Path file = Files.writeString(temporary.resolve("key"), "0123456789abcdef0123456789abcdef");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file.toString();
    }

    private static Served served(SignOn signOn, Secret secret) {
        return new Served(SERVER, secret, Optional.of(signOn));
    }

    private String cookies(SignOn signOn, Secret secret) throws IOException {
        Proof proof = driver().proof(served(signOn, secret), NOW).orElseThrow();
        assertThat(proof.inject()).hasSize(1);
        assertThat(proof.inject().getFirst().name()).isEqualTo("Cookie");
        return proof.inject().getFirst().value();
    }

    @Test
    void the_user_is_signed_on_by_the_servers_own_cookie() throws IOException {
        SignOn ann = new SignOn("ann", Optional.of(key()));
        assertThat(cookies(ann, SECRET))
                .contains("user-id=ann|Sat%2C%2021%20Nov%202026%2023%3A59%3A59%20GMT"
                        + "|XhCEIJrReTdCQka9woHQ6JoAdMADE0CwzIpJv32pUkk%3D; ")
                .doesNotContain(SECRET.value());
    }

    @Test
    void the_cookie_against_forged_requests_is_there_before_the_first_page_and_stays_the_same() throws IOException {
        SignOn ann = new SignOn("ann", Optional.of(key()));
        String first = cookies(ann, SECRET);
        assertThat(first).containsPattern("rs-csrf-token=[0-9a-f-]{36}$");
        assertThat(cookies(ann, SECRET)).isEqualTo(first);
        assertThat(csrf(cookies(ann, new Secret("f".repeat(32))))).isNotEqualTo(csrf(first));
    }

    private static String csrf(String cookies) {
        return cookies.substring(cookies.indexOf("rs-csrf-token="));
    }

    @Test
    void it_is_made_anew_before_it_is_too_old() throws IOException {
        Proof proof = driver().proof(served(new SignOn("ann", Optional.of(key())), SECRET), NOW)
                .orElseThrow();
        assertThat(proof.fresh()).isLessThan(java.time.Duration.ofHours(1));
    }

    @Test
    void without_the_key_nobody_is_signed_on() {
        SignOn ann = new SignOn("ann", Optional.of(temporary + "/none"));
        assertThatThrownBy(() -> driver().proof(served(ann, SECRET), NOW)).hasMessageContaining("there is no");
        assertThat(driver().obstacle(attached(temporary + "/none", Map.of("*", "*"))))
                .hasValueSatisfying(why -> assertThat(why).contains("copy it to all"));
    }

    @Test
    void who_has_which_account_is_said_by_the_settings_alone() throws IOException {
        App named = attached(key(), Map.of("ada", "lovelace"));
        assertThat(driver().signOn(named, ADA)).contains(new SignOn("lovelace", Optional.of(key())));
        assertThatThrownBy(() -> driver().signOn(named, new UserId("eve"))).hasMessageContaining("no account");
        App own = attached(key(), Map.of("*", "*", "ada", "lovelace"));
        assertThat(driver().signOn(own, new UserId("eve")).orElseThrow().account())
                .isEqualTo("eve");
    }

    @Test
    void none_of_what_signs_on_passes_between_browser_and_server() {
        Set<String> withheld = driver().rules().withheld();
        assertThat(withheld).contains("user-id", "user-list-id", "persist-auth", "rs-csrf-token", "csrf-token");
    }

    @Test
    void a_server_that_runs_is_not_started_and_what_does_not_answer_is_said() throws IOException {
        App app = attached(key(), Map.of("*", "*"));
        assertThat(driver().plan(app, site(SERVER)).argv()).isEmpty();
        assertThat(driver().obstacle(app))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("doesn't answer at /run/rserver.sock", "systemctl"));
    }

    @Test
    void one_that_is_attached_is_suspended_and_never_killed_by_a_step() throws IOException {
        SignOn ann = new SignOn("ann", Optional.of(key()));
        assertThat(driver().stopSteps(served(ann, SECRET)))
                .extracting(step -> ((StopStep.Send) step).signal())
                .containsExactly(Signal.USR1, Signal.USR2);
    }

    @Test
    void one_of_its_own_is_not_begun_with_a_uid_that_is_no_account() {
        assertThat(new RStudioDriver(keys, true).obstacle(app()))
                .hasValueSatisfying(why -> assertThat(why).contains("rserver:", "accounts:"));
        assertThat(new RStudioDriver(new Programs(List.of()), keys, false)
                        .obstacle(app(driver(), Optional.empty(), List.of("/no/such/rserver"))))
                .hasValueSatisfying(why -> assertThat(why).contains("install RStudio Server"));
    }
}
