package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.carrel.kind.UnixWebSocket.Message;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// R's end of a link, on the wire and without a browser (docs/adr/0010).
@Tag("slow")
@Needs(Thing.R)
class ShinyLinkTest {
    private static final Path APP = Path.of("src/test/resources/link/wire");

    private Path directory;

    @BeforeEach
    void open() throws Exception {
        directory = Files.createTempDirectory(Path.of("/tmp"), "c");
    }

    @AfterEach
    void leaveNothing() throws Exception {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    private LinkedApp app(String... more) throws Exception {
        Map<String, String> variables = new java.util.HashMap<>();
        for (int i = 0; i < more.length; i += 2) variables.put(more[i], more[i + 1]);
        return new LinkedApp(directory, APP, variables);
    }

    @Test
    void a_burst_that_is_cut_in_the_middle_arrives_once_and_so_does_what_the_page_sent() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            page.input("burst", "1000");
            page.until("{\"tick\":\"300\"}");
            page.vanish();
            page.sent--; // what was sent last is sent again, as a page does that has no acknowledgement
            assertThat(page.resume(app.dial())).isEqualTo("h 1 resumed 2");
            page.input("burst", "1000");
            page.input("say", "\"after\"");
            page.until("\"said\":\"after\"");
            List<String> ticks = page.messages.stream()
                    .map(Message::text)
                    .filter(text -> text.contains("\"tick\""))
                    .map(text -> text.replaceAll("\\D", ""))
                    .toList();
            assertThat(ticks)
                    .isEqualTo(IntStream.rangeClosed(1, 1000)
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(app.logText()).contains("is back after").doesNotContain("SESSION ENDED");
        }
    }

    @Test
    void binary_messages_cross_a_cut_both_ways() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            page.input("blob", "1");
            page.vanish();
            page.resume(app.dial());
            Message blob = page.until(Message::binary);
            byte[] all = new byte[256];
            for (int i = 0; i < 256; i++) all[i] = (byte) (255 - i);
            assertThat(blob.bytes()).endsWith(all);
            page.binaryInput("say", "\"in binary\"");
            page.until("\"said\":\"in binary\"");
        }
    }

    @Test
    void a_second_resume_replaces_a_connection_that_is_half_dead() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            UnixWebSocket old = page.connection;
            assertThat(page.resume(app.dial())).isEqualTo("h 1 resumed 1");
            assertThatThrownBy(() -> {
                        while (true) old.receive();
                    })
                    .isInstanceOf(EOFException.class);
            page.input("say", "\"on the new one\"");
            page.until("on the new one");
        }
    }

    @Test
    void a_wrong_key_and_the_key_of_another_page_are_refused_and_harm_nobody() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page();
                LinkedPage other = app.page()) {
            UnixWebSocket own = page.connection;
            assertThat(page.resume(app.dial(), "0".repeat(32))).startsWith("h 1 refused a wrong key");
            assertThat(page.resume(app.dial(), other.key)).startsWith("h 1 refused a wrong key");
            assertThat(page.resume(app.dial(), page.key.substring(1))).startsWith("h 1 refused a wrong key");
            page.connection = own;
            page.input("say", "\"still here\"");
            page.until("still here");
            assertThat(app.logText())
                    .contains("a connection was refused: a wrong key for the page " + page.id)
                    .doesNotContain(page.key)
                    .doesNotContain(other.key);
        }
    }

    @Test
    void the_first_frame_is_a_hello_of_this_version_or_the_last() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            for (String first : List.of(
                    "h 2 new",
                    "h",
                    "h 1",
                    "h 1 new and more",
                    "m1 {}",
                    "p0",
                    "a1",
                    "b",
                    "",
                    "x",
                    "{\"method\":\"init\"}",
                    "h 1 resume ../../x " + page.key + " 1",
                    "h 1 resume " + page.id + " " + page.key + " 99999999999999999999999999",
                    "h 1 resume " + page.id + " " + page.key + " 1e3",
                    "h 1 resume " + page.id + " " + page.key + " -1",
                    "h 1 new" + " ".repeat(100_000),
                    "h 1 \u00e9"))
                try (UnixWebSocket connection = app.dial()) {
                    connection.send(first);
                    assertThat(connection.receive().text()).as(first).matches("h 1 (refused|gone) .+");
                }
            try (UnixWebSocket connection = app.dial()) {
                connection.send(new byte[] {0, 'h', 0});
                assertThat(connection.receive().text()).startsWith("h 1 refused ");
            }
            page.input("say", "\"unharmed\"");
            page.until("unharmed");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a999999999999999",
                "p7777",
                "a",
                "a-1",
                "a1e3",
                "m",
                "m ",
                "m9 {}",
                "m99999999999999999999 {}",
                "mx {}",
                "h 1 new",
                "zzz",
                "m\u00e92 {}"
            })
    void a_frame_that_makes_no_sense_ends_its_own_link_and_no_other(String frame) throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page();
                LinkedPage other = app.page()) {
            page.connection.send(frame);
            assertThat(page.last()).matches("(h 1 refused|b).*");
            app.awaitLog("SESSION ENDED 1");
            other.input("say", "\"unharmed\"");
            other.until("unharmed");
        }
    }

    @Test
    void a_page_that_vanishes_is_waited_for_and_then_ended_and_its_memory_given_back() throws Exception {
        try (LinkedApp app = app("CARREL_LINK_WINDOW", "2");
                LinkedPage watcher = app.page();
                LinkedPage page = app.page()) {
            watcher.input("memory", "1");
            int before = number(watcher.until("\"memory\""));
            page.vanish();
            app.awaitLog("page " + page.id + " ended: the page did not come back within 2 s");
            app.awaitLog("SESSION ENDED 2");
            watcher.input("memory", "2");
            assertThat(number(watcher.until("\"memory\""))).isLessThan(before + 10);
            assertThat(page.resume(app.dial())).isEqualTo("h 1 gone there is no such page any more");
        }
    }

    @Test
    void what_waits_for_a_page_that_is_away_is_bounded() throws Exception {
        try (LinkedApp app = app("CARREL_LINK_KEEP", "100000");
                LinkedPage page = app.page()) {
            page.input("later", "300");
            page.until("\"soon\"");
            page.vanish();
            app.awaitLog("ended: more than 100000 bytes waited for a page that was away");
            app.awaitLog("SESSION ENDED 1");
            assertThat(page.resume(app.dial())).startsWith("h 1 gone");
        }
    }

    @Test
    void a_page_that_acknowledges_nothing_is_ended_with_its_reason() throws Exception {
        try (LinkedApp app = app("CARREL_LINK_KEEP", "100000");
                LinkedPage page = app.page()) {
            page.input("fat", "2000");
            assertThat(page.last()).contains("to a page that acknowledges nothing");
            app.awaitLog("SESSION ENDED 1");
        }
    }

    @Test
    void more_than_is_kept_reaches_a_page_that_is_there_and_a_cut_before_says_so() throws Exception {
        try (LinkedApp app = app("CARREL_LINK_KEEP", "100000");
                LinkedPage page = app.page()) {
            page.input("fat", "300");
            page.until(message -> page.messages.size() > 302);
            page.connection.send("a" + page.received);
            page.input("say", "\"all there\"");
            page.until("all there");
            page.vanish();
            assertThat(page.resume(app.dial())).startsWith("h 1 resumed");

            page.connection.send("a" + page.received);
            page.input("fat", "300");
            page.until("\"fat\"");
            page.vanish();
            assertThat(page.resume(app.dial())).startsWith("h 1 gone");
            app.awaitLog("SESSION ENDED 1");
        }
    }

    @Test
    void a_page_that_is_left_ends_at_once() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            page.connection.send("b");
            app.awaitLog("SESSION ENDED 1");
        }
    }

    @Test
    void a_page_that_never_began_leaves_nothing() throws Exception {
        try (LinkedApp app = app();
                UnixWebSocket connection = app.dial()) {
            connection.send("h 1 new");
            connection.receive();
            connection.close();
            app.awaitLog("the page left before it began");
        }
    }

    @Test
    void the_end_of_a_session_by_the_app_or_by_its_failure_is_told_to_the_page() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page();
                LinkedPage failing = app.page()) {
            page.input("close", "1");
            assertThat(page.last()).isEqualTo("bthe app closed the session");
            app.awaitLog("SESSION ENDED 1");
            failing.input("fail", "1");
            assertThat(failing.last()).startsWith("b");
            app.awaitLog("SESSION ENDED 2");
        }
    }

    @Test
    void messages_are_acknowledged_after_32_and_by_pings() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            page.connection.send("p" + page.received);
            assertThat(page.last()).isEqualTo("p1");
            for (int i = 0; i < 32; i++) page.input("say", Integer.toString(i));
            while (true) {
                String frame = page.connection.receive().text();
                if (!frame.startsWith("a")) continue;
                assertThat(frame).isEqualTo("a33");
                return;
            }
        }
    }

    @Test
    void the_apps_random_numbers_are_its_own() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            page.vanish();
            page.resume(app.dial());
            page.input("random", "1");
            assertThat(page.until("\"random\"")).contains("0.2655086"); // the first of set.seed(1)
        }
    }

    @Test
    void a_connection_without_the_mark_works_as_ever() throws Exception {
        try (LinkedApp app = app();
                UnixWebSocket plain = app.dialPlain()) {
            plain.send("{\"method\":\"init\",\"data\":{\"say\":\"plain\",\".clientdata_url_search\":\"\"}}");
            String text = plain.receive().text();
            while (!text.contains("\"said\":\"plain\"")) text = plain.receive().text();
        }
    }

    @Test
    void pages_of_the_app_get_the_script_once_with_a_right_length_and_the_apps_filter_has_the_last_word()
            throws Exception {
        try (LinkedApp app = app("TEST_FILTER", "yes")) {
            String answer = app.http("GET", "/", "", "");
            String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            assertThat(answer)
                    .startsWith("HTTP/1.1 200")
                    .containsOnlyOnce("carrel-link.js")
                    .contains("<i>filtered</i>");
            assertThat(body.indexOf("carrel-link.js")).isLessThan(body.indexOf("</head>"));
            assertThat(answer)
                    .contains("Content-Length: " + body.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
            assertThat(app.http("GET", "/carrel-link.js", "", "")).contains("text/javascript", "createSocket");
            assertThat(app.http("GET", "/nothing", "", "")).startsWith("HTTP/1.1 404");
        }
    }

    @Test
    void a_page_that_is_downloaded_is_left_as_it_is() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            page.input("say", "1");
            String address = page.until(message -> message.text().contains("/download/report"))
                    .text()
                    .replaceAll(".*(session/[0-9a-f]+/download/report)[^\"]*.*", "/$1");
            assertThat(app.http("GET", address, "", ""))
                    .contains("shiny.min.js")
                    .doesNotContain("carrel-link");
        }
    }

    @Test
    void an_upload_that_is_sent_again_is_taken_once() throws Exception {
        try (LinkedApp app = app();
                LinkedPage page = app.page()) {
            page.message("{\"method\":\"uploadInit\",\"args\":[[{\"name\":\"a\",\"size\":3,\"type\":\"\"},"
                    + "{\"name\":\"b\",\"size\":4,\"type\":\"\"}]],\"tag\":0}");
            String answer = page.until("uploadUrl");
            String address = answer.replaceAll(".*\"uploadUrl\":\"([^\"]*)\".*", "/$1");
            String job = answer.replaceAll(".*\"jobId\":\"([^\"]*)\".*", "$1");
            String one = "Carrel-Upload: " + "1".repeat(32) + "\r\n";
            String two = "Carrel-Upload: " + "2".repeat(32) + "\r\n";
            assertThat(app.http("POST", address, one, "abc")).startsWith("HTTP/1.1 200");
            assertThat(app.http("POST", address, one, "abc")).startsWith("HTTP/1.1 200");
            assertThat(app.http("POST", address, two, "defg")).startsWith("HTTP/1.1 200");
            assertThat(app.http("POST", address, two, "defg")).startsWith("HTTP/1.1 200");
            page.message("{\"method\":\"uploadEnd\",\"args\":[\"" + job + "\",\"file\"],\"tag\":1}");
            assertThat(page.until("\"file\"")).contains("[\"3\",\"4\"]");
        }
    }

    @Test
    void on_a_shiny_of_another_shape_the_app_works_and_says_once_why_pages_will_not_survive() throws Exception {
        Path profile = Files.writeString(directory.resolve("profile.R"), """
                setHook(packageEvent("shiny", "onLoad"), function(...) {
                  manager <- asNamespace("shiny")$handlerManager
                  first <- manager$addWSHandler
                  unlockBinding("addWSHandler", manager)
                  manager$addWSHandler <- function(...) first(...)
                })
                """);
        try (LinkedApp app = app("R_PROFILE_USER", profile.toString());
                UnixWebSocket plain = app.dialPlain()) {
            assertThat(app.http("GET", "/", "", ""))
                    .startsWith("HTTP/1.1 200")
                    .contains("shiny.min.js")
                    .doesNotContain("carrel-link");
            plain.send("{\"method\":\"init\",\"data\":{\"say\":\"plain\",\".clientdata_url_search\":\"\"}}");
            String text = plain.receive().text();
            while (!text.contains("\"said\":\"plain\"")) text = plain.receive().text();
            assertThat(app.logText())
                    .containsOnlyOnce(
                            "pages of this app will not survive a cut of their connection: its handlerManager's"
                                    + " addWSHandler takes something else (shiny ");
        }
    }

    private static int number(String message) {
        return Integer.parseInt(message.replaceAll("\\D", ""));
    }
}
