package org.carrel.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenInfo;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.support.TestClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
    private static final UserId ADA = new UserId("ada");
    private static final UserId BEN = new UserId("ben");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private Tokens tokens;

    @BeforeEach
    void open() throws IOException {
        tokens = Tokens.open(directory.resolve("tokens"), clock, new ProofLog(clock));
    }

    @Test
    void a_token_holds_for_whom_and_what_it_was_made_also_after_a_restart() throws IOException {
        TokenAnswer made = tokens.make(ADA, Set.of(Scope.USE, Scope.METRICS), DAY);
        open();
        assertThat(tokens.find(made.token()))
                .contains(new Tokens.Holder(ADA, Set.of(Scope.USE, Scope.METRICS), Secrets.digest(made.token())));
        assertThat(made.token()).matches("carrel_[A-Za-z0-9_-]{43}");
        assertThat(made.scopes()).containsExactly("metrics", "use");
    }

    @Test
    void the_file_is_of_no_use_to_who_reads_it() throws IOException {
        TokenAnswer made = tokens.make(ADA, Set.of(Scope.USE), DAY);
        Path file = directory.resolve("tokens");
        assertThat(Files.readString(file)).doesNotContain(made.token().substring(7));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void a_token_ends_at_its_time() throws IOException {
        TokenAnswer made = tokens.make(ADA, Set.of(Scope.USE), DAY);
        clock.advance(DAY.minusSeconds(1));
        assertThat(tokens.find(made.token())).isPresent();
        clock.advance(Duration.ofSeconds(1));
        assertThat(tokens.find(made.token())).isEmpty();
        assertThat(tokens.list(ADA)).isEmpty();
    }

    @Test
    void only_its_owner_takes_a_token_back_and_at_once() throws IOException {
        TokenAnswer made = tokens.make(ADA, Set.of(Scope.USE), DAY);
        TokenInfo shown = tokens.list(ADA).getFirst();
        assertThat(made.token()).doesNotContain(shown.id());
        assertThat(tokens.list(BEN)).isEmpty();
        assertThat(tokens.revoke(BEN, shown.id())).isFalse();
        assertThat(tokens.find(made.token())).isPresent();
        assertThat(tokens.revoke(ADA, shown.id())).isTrue();
        assertThat(tokens.find(made.token())).isEmpty();
        open();
        assertThat(tokens.find(made.token())).isEmpty();
    }

    @Test
    void of_a_hundred_tokens_the_first_to_end_gives_way() throws IOException {
        TokenAnswer first = tokens.make(ADA, Set.of(Scope.USE), Duration.ofHours(1));
        for (int i = 0; i < Tokens.MAX_PER_USER; i++) tokens.make(ADA, Set.of(Scope.USE), DAY);
        assertThat(tokens.list(ADA)).hasSize(Tokens.MAX_PER_USER);
        assertThat(tokens.find(first.token())).isEmpty();
    }

    @Test
    void what_is_no_token_is_not_looked_for() {
        for (String text :
                new String[] {"", "carrel_", "carrel_" + "a".repeat(43), "x".repeat(50), "carrel_" + "a".repeat(10_000)
                }) assertThat(tokens.find(text)).isEmpty();
    }

    @Test
    void a_damaged_file_stops_the_start_and_says_what_to_do() throws IOException {
        tokens.make(ADA, Set.of(Scope.USE), DAY);
        Files.writeString(directory.resolve("tokens"), "{\"tokens\":[{\"dig");
        assertThatThrownBy(this::open).hasMessageContaining("deleting it revokes all tokens");
    }
}
