package org.carrel.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.carrel.api.Json;

/// One JSON object for each line, for collectors:
/// `{"time":…,"level":…,"logger":…,"message":…,"event":"session started","session":"…","took_ms":12}`.
///
/// The fields are read off the message's own template, so that a line is written once for both formats: each
/// `name={}` is a field `name`, and what stands before the first is the event.
final class JsonLines extends EncoderBase<ILoggingEvent> {
    private static final String PLACEHOLDER = "={}";

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        line.put("level", event.getLevel().toString());
        line.put("logger", event.getLoggerName());
        line.put("message", event.getFormattedMessage());
        Object[] arguments = event.getArgumentArray();
        putFields(line, event.getMessage(), arguments == null ? new Object[0] : arguments);
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) line.put("stack", ThrowableProxyUtil.asString(thrown));
        return (Json.text(line) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    private static void putFields(Map<String, Object> line, String template, Object[] arguments) {
        int argument = 0;
        int firstField = -1;
        for (int at = template.indexOf("{}");
                at >= 0 && argument < arguments.length;
                at = template.indexOf("{}", at + 2)) {
            Object value = arguments[argument++];
            if (at == 0 || !template.startsWith(PLACEHOLDER, at - 1)) continue;
            int begin = at - 1;
            while (begin > 0 && isNameCharacter(template.charAt(begin - 1))) begin--;
            if (begin == at - 1) continue;
            if (firstField < 0) firstField = begin;
            // the line's own members win over a field that happens to be called like one
            line.putIfAbsent(template.substring(begin, at - 1), plain(value));
        }
        String event = firstField < 0 ? "" : template.substring(0, firstField).trim();
        if (!event.isEmpty() && !event.contains("{}")) line.putIfAbsent("event", event);
    }

    private static Object plain(Object value) {
        return value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
    }

    private static boolean isNameCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
    }
}
