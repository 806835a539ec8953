package org.carrel.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// `10:00:00.123 INFO  message`, for people. What came from outside can't forge a line: control characters are shown as
/// `?`. A stack trace follows on indented lines.
final class PlainLines extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private final DateTimeFormatter time;

    PlainLines() {
        this(ZoneId.systemDefault());
    }

    PlainLines(ZoneId zone) {
        time = TIME.withZone(zone);
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        time.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
        line.append(' ').append(event.getLevel());
        if (event.getLevel().toString().length() < 5) line.append(' ');
        line.append(' ');
        appendClean(line, event.getFormattedMessage());
        line.append('\n');
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null)
            for (String frame : ThrowableProxyUtil.asString(thrown).split("\\R")) {
                line.append("    ");
                appendClean(line, frame);
                line.append('\n');
            }
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    private static void appendClean(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) && c != '\t' ? '?' : c);
        }
    }
}
