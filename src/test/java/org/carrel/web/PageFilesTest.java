package org.carrel.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the pages' files must hold to live under the strict policy (R6), on the portal and on a session's origin alike.
class PageFilesTest {
    private static final Pattern REFERENCE = Pattern.compile("(?:href|src)=\"/web/([^\"]+)\"");
    private static final Pattern IMPORT = Pattern.compile("(?:from|import) \"([^\"]+)\"");
    private static final Pattern ELSEWHERE = Pattern.compile("(?:https?:)?//[a-z0-9.-]+\\.[a-z]{2,}[^\\s\"']*");
    private static final Pattern SCRIPT = Pattern.compile("<script([^>]*)>(.*?)</script>", Pattern.DOTALL);

    @Test
    void no_page_has_inline_script_or_style() {
        for (String page : WebFiles.named(".html")) {
            String html = WebFiles.read(page);
            assertThat(html).as(page).doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=|javascript:");
            for (MatchResult script : SCRIPT.matcher(html).results().toList())
                assertThat(script.group(1).contains("src=") && script.group(2).isBlank()
                                || script.group(2).equals("{{facts}}"))
                        .as(page + ": " + script.group())
                        .isTrue();
        }
    }

    @Test
    void every_page_has_its_places_for_facts_and_language() {
        for (String page : WebFiles.named(".html"))
            assertThat(WebFiles.read(page))
                    .as(page)
                    .contains("<html lang=\"{{lang}}\">")
                    .contains("<script type=\"application/json\" id=\"facts\">{{facts}}</script>");
    }

    @Test
    void every_file_that_is_named_is_there() {
        for (String page : WebFiles.named(".html"))
            for (MatchResult named :
                    REFERENCE.matcher(WebFiles.read(page)).results().toList())
                assertThat(WebFiles.ROOT.resolve(named.group(1))).as(page).isRegularFile();
        for (String script : WebFiles.named(".js"))
            for (MatchResult named :
                    IMPORT.matcher(WebFiles.read(script)).results().toList())
                assertThat(WebFiles.ROOT.resolve(script).resolveSibling(named.group(1)))
                        .as(script)
                        .isRegularFile();
    }

    @Test
    void scripts_import_by_relative_path_only() {
        for (String script : WebFiles.named(".js"))
            for (MatchResult named :
                    IMPORT.matcher(WebFiles.read(script)).results().toList())
                assertThat(named.group(1)).as(script).startsWith("./");
    }

    @Test
    void nothing_is_loaded_from_elsewhere() {
        for (String ending : List.of(".html", ".js", ".css", ".svg"))
            for (String file : WebFiles.named(ending))
                assertThat(ELSEWHERE.matcher(WebFiles.read(file)).results().map(MatchResult::group))
                        .as(file)
                        .allMatch(it -> it.startsWith("http://www.w3.org/2000/svg"));
    }

    @Test
    void no_script_makes_markup_from_text() {
        for (String script : WebFiles.named(".js"))
            assertThat(WebFiles.read(script))
                    .as(script)
                    .doesNotContainPattern(
                            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|\\beval\\(|new Function");
    }

    @Test
    void all_pages_together_stay_small() throws IOException {
        try (Stream<Path> files = Files.walk(WebFiles.ROOT)) {
            long bytes = files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
            assertThat(bytes).as("bytes, uncompressed").isLessThan(150_000);
        }
    }
}
