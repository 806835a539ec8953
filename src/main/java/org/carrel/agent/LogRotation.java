package org.carrel.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.http.Feed;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the logs of live sessions short. One virtual thread of its own: a program may write a gigabyte in a second, so
/// nothing else may keep it waiting. While one floods it looks more often; what a flood takes on disk is then what can
/// be written within `SOON`, besides the copies kept.
final class LogRotation implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LogRotation.class);
    /// two system calls for each session
    private static final Duration USUALLY = Duration.ofMillis(250);

    /// while nothing lives; a session that comes ends it
    private static final Duration REST = Duration.ofSeconds(5);

    private static final Duration SOON = Duration.ofMillis(20);

    private final Means means;
    private final Views views;
    private final Thread thread;

    LogRotation(Means means, Views views) {
        this.means = means;
        this.views = views;
        this.thread = Thread.ofVirtual().name("agent logs").unstarted(this::run);
    }

    void open() {
        thread.start();
    }

    private void run() {
        try (Feed<View> news = views.follow()) {
            while (!news.ended()) {
                boolean flooded = false;
                List<Session> live = views.current().sessions().values().stream()
                        .filter(session -> session.state().isLive())
                        .toList();
                for (Session session : live)
                    if (means.desks().containsKey(session.id())) flooded |= rotate(session.id());
                if (live.isEmpty()) news.next(REST);
                else Thread.sleep(flooded ? SOON : USUALLY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean rotate(SessionId id) {
        try {
            boolean rotated = means.logOf(id).rotate();
            if (rotated) log.debug("log rotated session={}", id);
            return rotated;
        } catch (IOException | RuntimeException e) {
            log.warn("log not rotated session={} cause={}", id, e.toString());
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
