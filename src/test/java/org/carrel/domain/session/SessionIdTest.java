package org.carrel.domain.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionIdTest {
    @Test
    void what_is_made_of_random_bytes_is_well_formed() {
        Random random = new Random(7);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = new byte[10];
            random.nextBytes(bytes);
            assertThat(SessionId.of(bytes).value()).matches("[a-z2-7]{16}");
        }
    }

    @Test
    void anything_but_sixteen_of_a_to_z_and_2_to_7_is_refused() {
        for (String wrong : List.of(
                "",
                "abcdefghijklmno",
                "abcdefghijklmnopq",
                "Abcdefghijklmnop",
                "abcdefghijklmno1",
                "abcdefghijklmno8",
                "abcdefghijklmno/",
                "abcdefghijklmno\u00e9",
                "abcdefghijklmno\n")) {
            assertThat(SessionId.isWellFormed(wrong)).as(wrong).isFalse();
            assertThatThrownBy(() -> new SessionId(wrong)).hasMessageContaining("a session id must match");
        }
    }
}
