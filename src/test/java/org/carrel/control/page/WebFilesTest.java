package org.carrel.control.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.control.page.PageHouse.header;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.carrel.http.Answer;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebFilesTest {
    private static final TestRequest GET = TestRequest.get("/web/style.css");
    private final WebFiles files = WebFiles.load();

    @Test
    void a_file_is_sent_once_and_then_only_confirmed() {
        Answer.Whole answer = files.answer(GET, "style.css").orElseThrow();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("text/css; charset=utf-8");
        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        TestRequest again = GET.with("If-None-Match", header(answer, "ETag"));
        assertThat(files.answer(again, "style.css").orElseThrow().status()).isEqualTo(304);
    }

    @Test
    void who_takes_gzip_gets_the_same_file_in_fewer_bytes() throws IOException {
        byte[] plain = files.answer(GET, "style.css").orElseThrow().body();
        Answer.Whole answer = files.answer(GET.with("Accept-Encoding", "gzip, br"), "style.css")
                .orElseThrow();
        assertThat(header(answer, "Content-Encoding")).isEqualTo("gzip");
        assertThat(answer.body()).hasSizeLessThan(plain.length);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes())
                .isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "home.html",
                "../logback.xml",
                "..%2fhome.html",
                "messages",
                "messages/",
                "/etc/passwd",
                "messages/../style.css",
                "style.css/",
                "STYLE.CSS",
                "style.css\u0000",
                "org/carrel/main/Main.class"
            })
    void nothing_but_our_own_files_by_their_own_names_is_served(String name) {
        assertThat(files.answer(GET, name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"signin", "home", "waiting", "ended", "notice", "consent", "signout", "admin"})
    void every_page_has_its_template(String page) {
        assertThat(files.template(page)).isPresent();
    }
}
