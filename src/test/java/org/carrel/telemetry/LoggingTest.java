package org.carrel.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.carrel.api.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoggingTest {
    private final LoggerContext context = new LoggerContext();

    @Test
    void a_plain_line_is_time_level_and_message() {
        assertThat(plain(event("session started session={} took_ms={}", "abc", 12)))
                .isEqualTo("10:00:00.123 INFO  session started session=abc took_ms=12\n");
    }

    @Test
    void what_came_from_outside_can_not_forge_a_line() throws Exception {
        LoggingEvent event = event("sign-in refused user={}", "x\n10:00:00.000 INFO  all is well\u001b[2J");
        assertThat(plain(event)).containsOnlyOnce("\n").doesNotContain("\u001b").contains("x?10:00");
        assertThat(json(event).get("user").asText()).contains("\n");
        assertThat(jsonLine(event)).containsOnlyOnce("\n");
    }

    @Test
    void a_json_line_has_the_event_and_its_fields() throws Exception {
        JsonNode line = json(event("session started session={} took_ms={}", "abc", 12));
        assertThat(line.get("time").asText()).isEqualTo("2026-11-22T10:00:00.123Z");
        assertThat(line.get("level").asText()).isEqualTo("INFO");
        assertThat(line.get("message").asText()).isEqualTo("session started session=abc took_ms=12");
        assertThat(line.get("event").asText()).isEqualTo("session started");
        assertThat(line.get("session").asText()).isEqualTo("abc");
        assertThat(line.get("took_ms").isNumber()).isTrue();
    }

    @Test
    void values_without_a_name_are_in_the_message_only() throws Exception {
        JsonNode line = json(event("read {} of {} files level={}", 1, 2, "x"));
        assertThat(line.get("message").asText()).isEqualTo("read 1 of 2 files level=x");
        assertThat(line.get("level").asText()).isEqualTo("INFO");
        assertThat(line.has("event")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"INFO, false", "WARN, false", "DEBUG, true"})
    void strangers_packets_are_logged_only_for_who_asks_for_more(String level, boolean logged) {
        Logging.configure(context, Logging.Format.PLAIN, Level.toLevel(level));
        assertThat(context.getLogger("javax.jmdns.impl.SocketListener").isWarnEnabled())
                .isEqualTo(logged);
        assertThat(context.getLogger("org.carrel").isWarnEnabled()).isTrue();
    }

    @Test
    void a_line_with_too_few_values_is_still_a_line() throws Exception {
        assertThat(json(event("a={} b={}", 1)).get("a").asInt()).isEqualTo(1);
        assertThat(json(event("nothing={}")).get("message").asText()).isEqualTo("nothing={}");
    }

    @Test
    void a_stack_is_indented_in_plain_and_a_member_in_json() throws Exception {
        IllegalStateException broken = new IllegalStateException("b");
        LoggingEvent event = new LoggingEvent(
                "x", context.getLogger("org.carrel.Test"), Level.ERROR, "it broke", broken, new Object[0]);
        assertThat(plain(event).lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("    "));
        assertThat(json(event).get("stack").asText()).contains("IllegalStateException: b");
    }

    @ParameterizedTest
    @CsvSource({"json,JSON", "JSON,JSON", "plain,PLAIN", "jsno,PLAIN"})
    void the_format_is_chosen_by_a_word(String word, Logging.Format format) {
        assertThat(Logging.Format.of(Optional.of(word))).isEqualTo(format);
        assertThat(Logging.Format.of(Optional.empty())).isEqualTo(Logging.Format.PLAIN);
    }

    @Test
    void logback_is_set_up_by_us_and_without_a_search() {
        assertThat(new LogbackSetup().configure(context).name()).isEqualTo("DO_NOT_INVOKE_NEXT_IF_ANY");
        assertThat(context.getLogger("ROOT").getAppender("console")).isNotNull();
        assertThat(Logging.level(Map.of(Logging.LEVEL_VARIABLE, "debug"))).isEqualTo(Level.DEBUG);
        assertThat(Logging.level(Map.of(Logging.LEVEL_VARIABLE, "loud"))).isEqualTo(Level.INFO);
    }

    private LoggingEvent event(String template, Object... values) {
        LoggingEvent event =
                new LoggingEvent("x", context.getLogger("org.carrel.Test"), Level.INFO, template, null, values);
        event.setInstant(Instant.parse("2026-11-22T10:00:00.123Z"));
        return event;
    }

    private static String plain(LoggingEvent event) {
        return new String(new PlainLines(ZoneOffset.UTC).encode(event), StandardCharsets.UTF_8);
    }

    private static String jsonLine(LoggingEvent event) {
        return new String(new JsonLines().encode(event), StandardCharsets.UTF_8);
    }

    private static JsonNode json(LoggingEvent event) throws Exception {
        return Json.readTree(jsonLine(event).getBytes(StandardCharsets.UTF_8));
    }
}
