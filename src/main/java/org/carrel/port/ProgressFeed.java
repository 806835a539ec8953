package org.carrel.port;

import java.time.Duration;
import java.util.Optional;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Draining;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.domain.session.SessionState.Reserved;
import org.carrel.domain.session.SessionState.Starting;
import org.carrel.http.Feed;
import org.carrel.port.Progress.Stage;

/// The stages of one start, read from the views. One reader; ends after READY or FAILED.
public final class ProgressFeed implements Feed<Progress> {
    private final Feed<View> views;
    private final SessionId id;
    private Optional<Progress> last = Optional.empty();
    private boolean finished;

    public ProgressFeed(Feed<View> views, SessionId id) {
        this.views = views;
        this.id = id;
    }

    @Override
    public Optional<Progress> next(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!finished) {
            Optional<View> view = views.next(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            if (view.isEmpty()) return Optional.empty();
            Progress now = view.get().session(id).map(ProgressFeed::of).orElse(failed(new End.Lost("no such session")));
            if (last.isPresent() && last.get().equals(now)) continue;
            last = Optional.of(now);
            if (now.stage() == Stage.READY || now.stage() == Stage.FAILED) {
                finished = true;
                views.close();
            }
            return last;
        }
        return Optional.empty();
    }

    public static Progress of(Session session) {
        return switch (session.state()) {
            case Reserved(var expires, var ahead) -> new Progress(Stage.QUEUED, ahead, Optional.empty());
            case Starting(var deadline, var workload) ->
                Progress.at(workload.isPresent() ? Stage.ANSWERING : Stage.STARTING);
            case Ready ready -> Progress.at(Stage.READY);
            case Draining(var workload, var deadline, var because) -> failed(because);
            case Ended(var end, var at) -> failed(end);
        };
    }

    private static Progress failed(End end) {
        return new Progress(Stage.FAILED, 0, Optional.of(end));
    }

    @Override
    public boolean ended() {
        return finished || views.ended();
    }

    @Override
    public void close() {
        views.close();
    }
}
