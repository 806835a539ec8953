package org.carrel.telemetry;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Map;
import java.util.Optional;

/// Called by Logback before its first line; found through `META-INF/services`, which spares it the search for XML.
public final class LogbackSetup extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        Map<String, String> environment = System.getenv();
        Logging.Format format = Logging.Format.of(Optional.ofNullable(environment.get(Logging.FORMAT_VARIABLE)));
        Logging.configure(context, format, Logging.level(environment));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
