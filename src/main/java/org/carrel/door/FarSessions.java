package org.carrel.door;

import java.io.IOException;
import java.net.SocketAddress;
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
import org.carrel.port.ProgressFeed;
import org.carrel.port.Sessions;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sessions of one other node, through its door. A node that can't be reached is `Impossible` to begin at; whether
/// what was asked has begun there, asking again with the same id tells.
public final class FarSessions implements Sessions {
    private static final Logger log = LoggerFactory.getLogger(FarSessions.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PeerCalls calls;
    private final SocketAddress door;
    private final Views views;

    /// @param views that hold that node's sessions: starts are watched there
    public FarSessions(PeerCalls calls, SocketAddress door, Views views) {
        this.calls = calls;
        this.door = door;
        this.views = views;
    }

    @Override
    public Begun begin(SessionKey key, RequestId once) throws InterruptedException {
        try {
            Words.BegunWords said = calls.call(
                    door,
                    Words.BEGIN,
                    new Words.Begin(Wire.words(key), once.value()),
                    Words.BegunWords.class,
                    PATIENCE);
            return switch (said.answer()) {
                case "granted" -> new Begun.Granted(Wire.session(Wire.must(said.session(), "session")));
                case "existing" -> new Begun.Existing(Wire.session(Wire.must(said.session(), "session")));
                case "full" ->
                    new Begun.Full(
                            Wire.must(said.why(), "why"),
                            Duration.ofMillis(Wire.must(said.retryAfterMillis(), "retryAfterMillis")));
                case "draining" -> new Begun.Draining();
                default -> new Begun.Impossible(Wire.must(said.why(), "why"));
            };
        } catch (IOException | IllegalArgumentException unreached) {
            return new Begun.Impossible("the machine that should start it doesn't answer (" + unreached.getMessage()
                    + "); try again in a moment");
        }
    }

    @Override
    public Feed<Progress> watch(SessionId id) {
        return new ProgressFeed(views.follow(), id);
    }

    @Override
    public Optional<Session> stop(SessionId id, End because) throws InterruptedException {
        return asked(Words.STOP, new Words.Stop(id.value(), Wire.words(because)));
    }

    @Override
    public Optional<Session> extend(SessionId id, UserId by) throws InterruptedException {
        return asked(Words.EXTEND, new Words.Extend(id.value(), by.value()));
    }

    private Optional<Session> asked(String path, Object words) throws InterruptedException {
        try {
            Words.MaybeSession said = calls.call(door, path, words, Words.MaybeSession.class, PATIENCE);
            return Optional.ofNullable(said.session()).map(Wire::session);
        } catch (IOException | IllegalArgumentException unreached) {
            log.warn("a node doesn't answer door={} call={} cause=\"{}\"", door, path, unreached.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public List<String> log(SessionId id, int lines) throws InterruptedException {
        try {
            return calls.call(door, Words.LOG, new Words.Log(id.value(), lines), Words.Lines.class, PATIENCE)
                    .lines();
        } catch (IOException unreached) {
            return List.of("(its machine doesn't answer: " + unreached.getMessage() + ")");
        }
    }

    @Override
    public Optional<Duration> usualStart(SessionKey key) {
        return Optional.empty();
    }

    @Override
    public void drain(boolean on) throws InterruptedException {
        try {
            calls.call(door, Words.DRAIN, new Words.Drain(on), Words.Nothing.class, PATIENCE);
        } catch (IOException unreached) {
            throw new IllegalStateException("that machine doesn't answer: " + unreached.getMessage(), unreached);
        }
    }
}
