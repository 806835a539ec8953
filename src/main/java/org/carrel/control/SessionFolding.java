package org.carrel.control;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.carrel.api.ProgressInfo;
import org.carrel.api.SessionInfo;
import org.carrel.control.Api.Door;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.session.Workload;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.port.Progress;
import org.carrel.port.Sample;
import org.carrel.port.View;
import org.jspecify.annotations.Nullable;

/// Folds what a node knows into what the REST interface shows.
public final class SessionFolding {
    private final Supplier<Addresses> addresses;
    private final Function<KindId, ProxyRules> rules;
    private final Door local;

    /// @param local how the portal is reached, for those who ask through the node's own socket
    public SessionFolding(Supplier<Addresses> addresses, Function<KindId, ProxyRules> rules, Door local) {
        this.addresses = addresses;
        this.rules = rules;
        this.local = local;
    }

    /// the door by which this asker uses the portal
    public Door doorOf(Request request) {
        if (request.proof() == Proof.LOCAL) return local;
        return new Door(request.head().scheme(), request.head().authority());
    }

    public SessionInfo fold(Session session, View view, Door door) {
        return fold(session, view.sample(session.id()), door);
    }

    public SessionInfo fold(Session session, Optional<Sample> observed, Door door) {
        Optional<Sample> sample = session.state().isLive() ? observed : Optional.empty();
        Optional<IdleVerdict> verdict = isRunning(session) ? sample.map(Sample::verdict) : Optional.empty();
        return new SessionInfo(
                session.id().value(),
                session.app().value(),
                session.key().name(),
                session.owner().value(),
                session.node().value(),
                session.kind().value(),
                session.state().word(),
                addresses.get().addressOf(session.id(), rules.apply(session.kind()), door.scheme(), door.authority()),
                session.since(),
                orNull(pidOf(session)),
                orNull(sample.map(Sample::cpuPercent)),
                orNull(sample.map(Sample::memoryBytes)),
                orNull(sample.map(Sample::cpuHistory)),
                orNull(sample.map(Sample::memoryHistory)),
                orNull(sample.map(Sample::connections)),
                orNull(sample.map(Sample::lastInput)),
                orNull(sample.flatMap(Sample::project)),
                orNull(verdict.map(SessionFolding::word)),
                orNull(reason(session, verdict)),
                orNull(verdict.flatMap(SessionFolding::stopsAt)),
                session.state() instanceof SessionState.Reserved reserved ? (Integer) reserved.ahead() : null,
                orNull(endOf(session).map(SessionFolding::lastLines).filter(lines -> !lines.isEmpty())));
    }

    static ProgressInfo fold(Progress progress) {
        Optional<End> end = progress.end();
        return new ProgressInfo(
                progress.stage().name().toLowerCase(Locale.ROOT),
                progress.ahead(),
                orNull(end.map(End::sentence)),
                orNull(end.map(SessionFolding::lastLines).filter(lines -> !lines.isEmpty())));
    }

    private static boolean isRunning(Session session) {
        return session.state() instanceof SessionState.Ready;
    }

    private static Optional<Long> pidOf(Session session) {
        Optional<Workload> workload = switch (session.state()) {
            case SessionState.Starting starting -> starting.workload();
            case SessionState.Ready ready -> Optional.of(ready.workload());
            case SessionState.Draining draining -> Optional.of(draining.workload());
            case SessionState.Reserved _, SessionState.Ended _ -> Optional.empty();
        };
        return workload.map(Workload::pid).filter(OptionalLong::isPresent).map(OptionalLong::getAsLong);
    }

    private static Optional<End> endOf(Session session) {
        return switch (session.state()) {
            case SessionState.Ended ended -> Optional.of(ended.end());
            case SessionState.Draining draining -> Optional.of(draining.because());
            case SessionState.Reserved _, SessionState.Starting _, SessionState.Ready _ -> Optional.empty();
        };
    }

    private static Optional<String> reason(Session session, Optional<IdleVerdict> verdict) {
        return endOf(session).map(End::sentence).or(() -> verdict.map(IdleVerdict::reason));
    }

    private static String word(IdleVerdict verdict) {
        return switch (verdict) {
            case IdleVerdict.Keep _ -> "keep";
            case IdleVerdict.Warn _ -> "warn";
            case IdleVerdict.Stop _ -> "stop";
        };
    }

    private static Optional<Instant> stopsAt(IdleVerdict verdict) {
        return switch (verdict) {
            case IdleVerdict.Keep keep -> Optional.of(keep.stopsAt()).filter(it -> it.isBefore(Instant.MAX));
            case IdleVerdict.Warn warn -> Optional.of(warn.stopsAt()).filter(it -> it.isBefore(Instant.MAX));
            case IdleVerdict.Stop _ -> Optional.empty();
        };
    }

    private static List<String> lastLines(End end) {
        return switch (end) {
            case End.Exited exited -> exited.lastLines();
            case End.Failed failed -> failed.lastLines();
            case End.Stopped _, End.Idle _, End.Lost _ -> List.of();
        };
    }

    private static <T> @Nullable T orNull(Optional<T> value) {
        return value.orElse(null);
    }
}
