package org.carrel.control;

import java.time.Duration;
import java.util.Optional;
import org.carrel.control.Api.Door;
import org.carrel.domain.session.SessionId;
import org.carrel.http.Answer.Event;
import org.carrel.http.Feed;
import org.carrel.port.Progress;
import org.carrel.port.Views;

/// One session's events: as it is, then the stages of its start, then its changes until it has ended.
/// One reader; `close` may come from any thread.
final class SessionEvents implements Feed<Event> {
    private final Feed<Progress> stages;
    private final Feed<Event> changes;
    private Optional<Event> first;
    private boolean started;

    SessionEvents(Event first, Feed<Progress> stages, Views views, SessionId id, Door door, SessionFolding folding) {
        this.first = Optional.of(first);
        this.stages = stages;
        this.changes = EventResources.changesOf(id, views, door, folding);
    }

    @Override
    public Optional<Event> next(Duration patience) throws InterruptedException {
        if (first.isPresent()) {
            Optional<Event> now = first;
            first = Optional.empty();
            return now;
        }
        if (started) return changes.next(patience);
        Optional<Progress> stage = stages.next(patience);
        if (stage.isPresent()) return stage.map(it -> EventResources.event("progress", SessionFolding.fold(it)));
        if (!stages.ended()) return Optional.empty();
        started = true;
        stages.close();
        return changes.next(patience);
    }

    @Override
    public boolean ended() {
        return started && changes.ended();
    }

    @Override
    public void close() {
        stages.close();
        changes.close();
    }
}
