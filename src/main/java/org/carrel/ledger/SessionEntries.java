package org.carrel.ledger;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.http.Feed;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.View;
import org.carrel.port.Views;

/// Notes starts and ends of sessions by watching the view, on a virtual thread of its own: so every end is there,
/// whoever caused it. Sessions that were adopted running aren't noted again.
public final class SessionEntries implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String CULLER = "culler";

    private final Audit audit;
    private final Instant began;
    /// the sessions of the last view, and whether their end was noted
    private final Map<SessionId, Boolean> ended = new HashMap<>();
    private final Feed<View> views;
    private final Thread thread;

    public SessionEntries(Views views, Audit audit, InstantSource time) {
        this.audit = audit;
        this.began = time.instant();
        this.views = views.follow();
        this.thread = Thread.ofVirtual().name("session-entries").start(this::follow);
    }

    @Override
    public void close() {
        views.close();
        thread.interrupt();
    }

    private void follow() {
        try {
            while (!views.ended()) views.next(PATIENCE).ifPresent(this::note);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(View view) {
        for (Session session : view.sessions().values()) note(session);
        ended.keySet().retainAll(view.sessions().keySet());
    }

    private void note(Session session) {
        boolean isNew = !ended.containsKey(session.id());
        if (isNew && !session.since().isBefore(began))
            audit.note(about(session, Entry.of(What.SESSION_STARTED, session.owner(), Entry.OK)));
        if (!(session.state() instanceof Ended(var end, var at))) {
            ended.put(session.id(), false);
            return;
        }
        boolean noted = Boolean.TRUE.equals(ended.put(session.id(), true));
        if (!noted && (!isNew || !at.isBefore(began)))
            audit.note(about(session, Entry.of(What.SESSION_ENDED, by(end), end.sentence())));
    }

    private static Entry about(Session session, Entry entry) {
        return entry.with("session", session.id()).with("app", session.app()).with("owner", session.owner());
    }

    private static String by(End end) {
        return switch (end) {
            case End.Stopped(var by) -> by;
            case End.Idle idle -> CULLER;
            case End.Exited exited -> "";
            case End.Failed failed -> "";
            case End.Lost lost -> "";
        };
    }
}
