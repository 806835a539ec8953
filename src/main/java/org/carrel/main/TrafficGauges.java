package org.carrel.main;

import java.util.Locale;
import java.util.Map;
import org.carrel.gateway.CountingMetrics;
import org.carrel.gateway.GatewayMetrics.Refusal;
import org.carrel.telemetry.Metrics;

/// The gateway's counters under their names in `/metrics`.
final class TrafficGauges {
    private TrafficGauges() {}

    static void bind(CountingMetrics traffic, Metrics metrics) {
        for (int hundreds = 1; hundreds <= 5; hundreds++) {
            int of = hundreds;
            metrics.counter(
                    "carrel_http_answers",
                    "Answers by class of status",
                    Map.of("class", of + "xx"),
                    () -> traffic.answers(of));
        }
        metrics.counter("carrel_bytes_from_clients", "Bytes received", Map.of(), traffic::bytesFromClients);
        metrics.counter("carrel_bytes_to_clients", "Bytes sent", Map.of(), traffic::bytesToClients);
        metrics.gauge("carrel_connections", "Open connections of clients", Map.of(), traffic::openConnections);
        metrics.gauge("carrel_websockets", "Open WebSockets", Map.of(), traffic::openWebSockets);
        metrics.counter(
                "carrel_upstream_retries", "Requests sent again on a fresh connection", Map.of(), traffic::retries);
        for (Refusal reason : Refusal.values())
            metrics.counter(
                    "carrel_refusals",
                    "Requests refused",
                    Map.of("reason", reason.name().toLowerCase(Locale.ROOT)),
                    () -> traffic.refusals(reason));
    }
}
