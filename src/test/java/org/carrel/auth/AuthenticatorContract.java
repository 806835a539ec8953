package org.carrel.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Locale;
import org.carrel.auth.Authenticator.Credentials;
import org.carrel.auth.Authenticator.Verdict;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.api.Test;

/// What every way to sign in promises.
public abstract class AuthenticatorContract {
    protected static final UserId ADA = new UserId("ada");
    protected static final String PASSWORD = "correct horse: battery staple é";

    /// knows `ADA` with `PASSWORD`, in the group `stats`
    protected abstract Authenticator authenticator() throws IOException;

    @Test
    void the_right_password_makes_a_user_known_with_their_groups() throws Exception {
        Verdict verdict = authenticator().authenticate(new Credentials(ADA, PASSWORD));
        assertThat(verdict).isInstanceOfSatisfying(Verdict.Known.class, known -> {
            assertThat(known.account().user()).isEqualTo(ADA);
            assertThat(known.account().groups()).containsExactly("stats");
        });
    }

    @Test
    void a_wrong_password_is_a_challenge() throws Exception {
        for (String wrong : new String[] {"", "x", PASSWORD + " ", PASSWORD.toUpperCase(Locale.ROOT)})
            assertThat(authenticator().authenticate(new Credentials(ADA, wrong)))
                    .isInstanceOf(Verdict.Challenge.class);
    }

    @Test
    void an_unknown_user_may_be_somebody_elses() throws Exception {
        assertThat(authenticator().authenticate(new Credentials(new UserId("nobody-here"), PASSWORD)))
                .isInstanceOf(Verdict.NotMine.class);
    }

    @Test
    void what_was_typed_is_never_shown() throws Exception {
        assertThat(new Credentials(ADA, PASSWORD).toString()).doesNotContain("horse");
        assertThat(authenticator()
                        .authenticate(new Credentials(ADA, "wrong horse"))
                        .toString())
                .doesNotContain("horse");
    }
}
