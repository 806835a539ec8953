package org.carrel.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.carrel.support.TestClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevocationsTest {
    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private Revocations revocations;

    @BeforeEach
    void open() throws IOException {
        revocations = Revocations.open(directory.resolve("revoked"), clock, new ProofLog(clock));
    }

    @Test
    void a_sign_out_holds_at_once_and_after_a_crash() throws IOException {
        Instant issued = clock.instant();
        revocations.revoke("a");
        assertThat(revocations.isRevoked("a", issued)).isTrue();
        assertThat(revocations.isRevoked("b", issued)).isFalse();
        open(); // nothing was closed
        assertThat(revocations.isRevoked("a", issued)).isTrue();
        assertThat(revocations.isRevoked("b", issued)).isFalse();
    }

    @Test
    void what_has_expired_by_itself_is_forgotten() throws IOException {
        revocations.revoke("a");
        clock.advance(PortalCookie.LONGEST.plusSeconds(1));
        open();
        assertThat(revocations.size()).isZero();
    }

    @Test
    void when_there_are_too_many_the_oldest_sign_ins_end_for_all() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Revocations.MAX; i++)
            text.append(clock.instant().getEpochSecond() + i / 1000)
                    .append(" login")
                    .append(i)
                    .append('\n');
        Files.writeString(directory.resolve("revoked"), text);
        open();
        clock.advance(Duration.ofSeconds(60));
        Instant old = clock.instant().minusSeconds(60);
        assertThat(revocations.isRevoked("innocent", old)).isFalse();
        revocations.revoke("one-more");
        assertThat(revocations.size()).isLessThanOrEqualTo(Revocations.MAX);
        assertThat(revocations.isRevoked("login0", old)).isTrue();
        assertThat(revocations.isRevoked("innocent", old))
                .as("too strict rather than too lax")
                .isTrue();
        assertThat(revocations.isRevoked("innocent", clock.instant())).isFalse();
        assertThat(revocations.isRevoked("one-more", clock.instant())).isTrue();
        open();
        assertThat(revocations.isRevoked("login0", old)).isTrue();
        assertThat(revocations.isRevoked("one-more", clock.instant())).isTrue();
    }

    @Test
    void a_line_that_a_crash_cut_off_was_never_answered_and_damage_before_it_stops_the_start() throws IOException {
        revocations.revoke("a");
        Path file = directory.resolve("revoked");
        Files.writeString(file, Files.readString(file) + "1790");
        open();
        assertThat(revocations.isRevoked("a", clock.instant())).isTrue();
        Files.writeString(file, "garbage\n");
        assertThatThrownBy(this::open).hasMessageContaining("damaged");
    }
}
