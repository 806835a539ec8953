package org.carrel.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import org.carrel.domain.app.AppId;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.port.Begun;
import org.carrel.port.NodeFacts;
import org.carrel.port.View;
import org.carrel.port.Views;

/// Numbers for Prometheus. Labels hold apps, states and fixed words only, never users or sentences: their count is
/// bounded by the catalogue.
///
/// | name | labels | means |
/// |---|---|---|
/// | `carrel_sessions` | state, app | sessions now |
/// | `carrel_session_start_seconds` | app | from asking to ready |
/// | `carrel_session_start_failures_total` | app, cause | starts that never were ready: failed, exited, lost, stopped,
/// idle |
/// | `carrel_session_ends_total` | app, reason | ready sessions that ended: stopped, idle, exited, failed, lost |
/// | `carrel_begin_total` | answer | granted, existing, full, draining, impossible |
/// | `carrel_node_…` | | what the node says of itself |
///
/// and the JVM's memory, threads, collections, descriptors, CPU and time of start. May be used from any thread.
public final class Metrics implements AutoCloseable {
    private static final Duration[] START_BUCKETS = {
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<Object> kept = new CopyOnWriteArrayList<>();
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final MultiGauge sessions;
    private final Views views;

    public Metrics(Views views) {
        this.views = views;
        sessions = MultiGauge.builder("carrel.sessions")
                .description("sessions now")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
        bindNode(
                "carrel.node.committed.memory.bytes",
                "memory promised to sessions",
                view -> sum(view, node -> node.committed().memoryBytes()));
        bindNode(
                "carrel.node.capacity.memory.bytes",
                "memory for sessions",
                view -> sum(view, node -> node.capacity().total().memoryBytes()));
        bindNode(
                "carrel.node.capacity.sessions",
                "most sessions at once",
                view -> sum(view, node -> node.capacity().sessions()));
        bindNode("carrel.node.queued", "starts in line", view -> sum(view, node -> node.queued()));
        bindNode("carrel.node.starting", "starts going on", view -> sum(view, node -> node.starting()));
        bindNode(
                "carrel.node.draining", "1: takes no new sessions", view -> sum(view, node -> node.draining() ? 1 : 0));
    }

    /// A number that may rise and fall.
    /// @param name words joined by dots, for example `carrel.gateway.connections`
    public void gauge(String name, String help, Map<String, String> labels, DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble)
                .description(help)
                .tags(tags(labels))
                .strongReference(true)
                .register(registry);
    }

    /// A number that only rises, counted elsewhere; `_total` is added to its name.
    public void counter(String name, String help, Map<String, String> labels, DoubleSupplier value) {
        kept.add(value); // the registry itself holds it weakly
        FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                .description(help)
                .tags(tags(labels))
                .register(registry);
    }

    void started(AppId app, Duration took) {
        Timer.builder("carrel.session.start")
                .description("from asking to ready")
                .tag("app", app.value())
                .serviceLevelObjectives(START_BUCKETS)
                .register(registry)
                .record(took);
    }

    void startFailed(AppId app, End end) {
        Counter.builder("carrel.session.start.failures")
                .description("starts that never were ready")
                .tag("app", app.value())
                .tag("cause", word(end))
                .register(registry)
                .increment();
    }

    void ended(AppId app, End end) {
        Counter.builder("carrel.session.ends")
                .description("ready sessions that ended")
                .tag("app", app.value())
                .tag("reason", word(end))
                .register(registry)
                .increment();
    }

    void begun(Begun answer) {
        String word = switch (answer) {
            case Begun.Granted granted -> "granted";
            case Begun.Existing existing -> "existing";
            case Begun.Full full -> "full";
            case Begun.Waiting waiting -> "waiting";
            case Begun.Draining draining -> "draining";
            case Begun.Impossible impossible -> "impossible";
        };
        Counter.builder("carrel.begin")
                .description("answers to those who asked for a session")
                .tag("answer", word)
                .register(registry)
                .increment();
    }

    /// @return the text format of Prometheus, version 0.0.4
    String scrape() {
        countSessions(views.current());
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }

    private synchronized void countSessions(View view) {
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        for (Session session : view.sessions().values())
            counts.computeIfAbsent(session.app().value(), app -> new TreeMap<>())
                    .merge(session.state().word(), 1, Integer::sum);
        List<MultiGauge.Row<?>> rows = counts.entrySet().stream()
                .<MultiGauge.Row<?>>flatMap(app -> app.getValue().entrySet().stream()
                        .map(state -> MultiGauge.Row.of(
                                Tags.of("app", app.getKey(), "state", state.getKey()), state.getValue())))
                .toList();
        sessions.register(rows, true);
    }

    private void bindNode(String name, String help, ToDoubleFunction<View> value) {
        gauge(name, help, Map.of(), () -> value.applyAsDouble(views.current()));
    }

    private static double sum(View view, ToDoubleFunction<NodeFacts> value) {
        return view.nodes().stream().mapToDouble(value).sum();
    }

    private static String word(End end) {
        return switch (end) {
            case End.Stopped stopped -> "stopped";
            case End.Idle idle -> "idle";
            case End.Exited exited -> "exited";
            case End.Failed failed -> "failed";
            case End.Lost lost -> "lost";
        };
    }

    private static List<Tag> tags(Map<String, String> labels) {
        return labels.entrySet().stream()
                .map(label -> Tag.of(label.getKey(), label.getValue()))
                .toList();
    }
}
