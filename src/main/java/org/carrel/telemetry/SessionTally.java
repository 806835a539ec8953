package org.carrel.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState;
import org.carrel.http.Feed;
import org.carrel.port.View;
import org.carrel.port.Views;

/// Counts starts and ends by watching the view, on a virtual thread of its own: the agent needn't know that it is
/// counted. What was there before this program started (adopted sessions) isn't counted as a start.
public final class SessionTally implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private enum Phase {
        BEFORE_READY,
        RUNNING,
        ENDED
    }

    private final Metrics metrics;
    private final InstantSource clock;
    private final Instant began;
    private final Map<SessionId, Phase> seen = new ConcurrentHashMap<>();
    private boolean first = true;
    private final Feed<View> views;
    private final Thread thread;

    public SessionTally(Views views, Metrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
        began = clock.instant();
        this.views = views.follow();
        thread = Thread.ofVirtual().name("session-tally").start(this::follow);
    }

    /// how many it knows
    int sessions() {
        return seen.size();
    }

    @Override
    public void close() {
        views.close();
        thread.interrupt();
    }

    private void follow() {
        try {
            while (!views.ended()) views.next(PATIENCE).ifPresent(this::count);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void count(View view) {
        for (Session session : view.sessions().values()) count(session);
        seen.keySet().retainAll(view.sessions().keySet());
        first = false;
    }

    private void count(Session session) {
        Phase now = phase(session.state());
        Phase before = seen.put(session.id(), now);
        if (first || now == before) return;
        boolean wasRunning = before == Phase.RUNNING;
        if (now == Phase.RUNNING && isOurStart(session))
            metrics.started(session.app(), Duration.between(session.since(), clock.instant()));
        if (session.state() instanceof SessionState.Ended ended) {
            if (wasRunning) metrics.ended(session.app(), ended.end());
            else metrics.startFailed(session.app(), ended.end());
        }
    }

    private boolean isOurStart(Session session) {
        return !session.since().isBefore(began);
    }

    private static Phase phase(SessionState state) {
        return switch (state) {
            case SessionState.Reserved reserved -> Phase.BEFORE_READY;
            case SessionState.Starting starting -> Phase.BEFORE_READY;
            case SessionState.Ready ready -> Phase.RUNNING;
            case SessionState.Draining draining -> Phase.RUNNING;
            case SessionState.Ended ended -> Phase.ENDED;
        };
    }
}
