package org.carrel.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/// Log lines to standard error, set up in code: there is no file to search for, read or get wrong.
/// One event is one line: a sentence and then fields, `session started session=… took_ms=…`.
public final class Logging {
    /// `CARREL_LOG=json` or `plain`
    public static final String FORMAT_VARIABLE = "CARREL_LOG";

    /// `CARREL_LOG_LEVEL=debug` and so on
    public static final String LEVEL_VARIABLE = "CARREL_LOG_LEVEL";

    private Logging() {}

    public enum Format {
        /// `10:00:00.123 INFO  session started session=abc took_ms=12`
        PLAIN,
        /// one JSON object for each line, with the fields as members
        JSON;

        /// anything that isn't known is plain: a misspelt word must not silence the log
        static Format of(Optional<String> word) {
            return word.filter("json"::equalsIgnoreCase).isPresent() ? JSON : PLAIN;
        }
    }

    /// Changes the format of every line from now on.
    public static void use(Format format) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context)
            configure(context, format, level(System.getenv()));
    }

    static void configure(LoggerContext context, Format format, Level level) {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        Encoder<ILoggingEvent> encoder = switch (format) {
            case PLAIN -> new PlainLines();
            case JSON -> new JsonLines();
        };
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("console");
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        root.addAppender(console);
        root.setLevel(level);
        // It warns, with a stack trace, of each broken packet: anybody on the network would write our log.
        // What we make of announcements is in our own lines and metrics.
        context.getLogger("javax.jmdns").setLevel(level.isGreaterOrEqual(Level.INFO) ? Level.OFF : level);
    }

    static Level level(Map<String, String> environment) {
        return Level.toLevel(environment.getOrDefault(LEVEL_VARIABLE, "info").toUpperCase(Locale.ROOT), Level.INFO);
    }
}
