package org.carrel.main;

import java.util.Locale;
import java.util.Map;
import org.carrel.domain.app.AppId;
import org.carrel.front.Ended;
import org.carrel.front.FrontCounts;
import org.carrel.telemetry.Metrics;

/// What the fronts count under their names in `/metrics`.
final class FrontGauges {
    private FrontGauges() {}

    static void bind(Metrics metrics, AppId app, FrontCounts counts) {
        Map<String, String> of = Map.of("app", app.value());
        metrics.gauge("carrel_front_connections", "Connections of clients on a copy", of, counts::open);
        metrics.gauge("carrel_front_waiting", "Clients that wait for a copy", of, counts::waiting);
        metrics.counter("carrel_front_served", "Connections that have been on a copy", of, counts::served);
        metrics.counter("carrel_front_elsewhere", "Copies that took a client not", of, counts::elsewhere);
        metrics.counter(
                "carrel_front_refused_commands", "Commands that were not passed on", of, counts::refusedCommands);
        metrics.counter("carrel_front_bytes_from_clients", "Bytes received", of, counts::fromClients);
        metrics.counter("carrel_front_bytes_to_clients", "Bytes sent", of, counts::toClients);
        for (Ended why : Ended.values())
            metrics.counter(
                    "carrel_front_ended",
                    "Connections that ended or never began",
                    Map.of("app", app.value(), "reason", why.name().toLowerCase(Locale.ROOT)),
                    () -> counts.of(why));
    }
}
