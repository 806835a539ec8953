package org.carrel.domain.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafePathTest {
    @ParameterizedTest
    @ValueSource(strings = {"/", "/app/faithful", "/handover?session=x&next=/a%20b#c", "/a//b"})
    void a_path_on_our_origin_is_kept(String next) {
        assertThat(SafePath.orRoot(next)).isEqualTo(next);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "//evil",
                "///evil",
                "/\\evil",
                "\\\\evil",
                "https:evil",
                "https://evil",
                "javascript:alert(1)",
                "/\t/evil",
                "/\r\nSet-Cookie: x=1",
                "/a\u0000",
                "/a b",
                "/é",
                "evil"
            })
    void what_could_lead_elsewhere_lands_on_the_front_page(String next) {
        assertThat(SafePath.orRoot(next)).isEqualTo("/");
    }

    @Test
    void a_path_without_end_lands_on_the_front_page() {
        assertThat(SafePath.orRoot("/" + "a".repeat(SafePath.MAX_LENGTH))).isEqualTo("/");
    }
}
