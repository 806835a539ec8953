package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SecureCookieTest {
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final Instant UNTIL = Instant.parse("2026-11-21T23:59:59Z");

    /// Computed apart from this program, with two other libraries.
    @Test
    void it_is_the_one_that_rserver_makes() {
        assertThat(SecureCookie.of(KEY, "ann", UNTIL))
                .isEqualTo("ann|Sat%2C%2021%20Nov%202026%2023%3A59%3A59%20GMT"
                        + "|XhCEIJrReTdCQka9woHQ6JoAdMADE0CwzIpJv32pUkk%3D");
    }

    @Test
    void a_name_with_signs_of_its_own_stays_one_value() {
        assertThat(SecureCookie.of(KEY, "LAB\\ann|root;x=\u00e9", UNTIL))
                .startsWith("LAB%5Cann%7Croot%3Bx%3D%C3%A9|Sat%2C%20")
                .doesNotContain(";", "=");
    }

    @Test
    void a_day_of_one_digit_has_two_as_http_wants() {
        assertThat(SecureCookie.of(KEY, "ann", Instant.parse("2027-02-03T04:05:06Z")))
                .startsWith("ann|Wed%2C%2003%20Feb%202027%2004%3A05%3A06%20GMT|");
    }

    @Test
    void nothing_is_signed_by_a_key_that_can_be_guessed() {
        byte[] bytes = new byte[31];
        assertThatThrownBy(() -> SecureCookie.of(bytes, "ann", UNTIL)).hasMessageContaining("32");
    }
}
