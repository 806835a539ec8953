package org.carrel.telemetry;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Progress;
import org.carrel.port.Sessions;

/// Counts what the authority answers, and changes nothing.
public final class CountingSessions implements Sessions {
    private final Sessions authority;
    private final Metrics metrics;

    public CountingSessions(Sessions authority, Metrics metrics) {
        this.authority = authority;
        this.metrics = metrics;
    }

    @Override
    public Begun begin(SessionKey key, RequestId once) throws InterruptedException {
        Begun answer = authority.begin(key, once);
        metrics.begun(answer);
        return answer;
    }

    @Override
    public Feed<Progress> watch(SessionId id) {
        return authority.watch(id);
    }

    @Override
    public Optional<Session> stop(SessionId id, End because) throws InterruptedException {
        return authority.stop(id, because);
    }

    @Override
    public Optional<Session> extend(SessionId id, UserId by) throws InterruptedException {
        return authority.extend(id, by);
    }

    @Override
    public List<String> log(SessionId id, int lines) throws InterruptedException {
        return authority.log(id, lines);
    }

    @Override
    public Optional<Duration> usualStart(SessionKey key) {
        return authority.usualStart(key);
    }

    @Override
    public void drain(boolean on) throws InterruptedException {
        authority.drain(on);
    }
}
