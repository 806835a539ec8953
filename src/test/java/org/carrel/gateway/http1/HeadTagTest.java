package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeadTagTest {
    private static int behind(String page) {
        return HeadTag.behind(page.getBytes(ISO_8859_1), page.length());
    }

    @Test
    void the_place_is_behind_the_first_head_tag() {
        assertThat(behind("<html><head><title>")).isEqualTo(12);
        assertThat(behind("<HTML><HEAD lang=\"a>b\" >\n<title>")).isEqualTo(24);
    }

    @Test
    void comments_and_other_tags_are_passed_over() {
        assertThat(behind("<!-- <head> --><header><head>")).isEqualTo(29);
    }

    @Test
    void a_page_whose_body_has_begun_has_no_place() {
        assertThat(behind("<html><body><head>")).isEqualTo(HeadTag.NONE);
    }

    @Test
    void a_cut_page_is_undecided() {
        for (String cut : new String[] {"", "<", "<hea", "<head", "<head a=\"", "<!-- <head>", "<html>"})
            assertThat(behind(cut)).as(cut).isEqualTo(HeadTag.UNDECIDED);
    }
}
