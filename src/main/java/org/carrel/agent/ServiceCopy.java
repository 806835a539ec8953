package org.carrel.agent;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.Restarts;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.port.ServiceNodes.Look;
import org.carrel.port.ServiceNodes.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One service that this node is to run: installed, begun, begun again when it ends. Moved by one thread; whoever asks
/// how it stands may be another.
final class ServiceCopy {
    private static final Logger log = LoggerFactory.getLogger(ServiceCopy.class);

    /// What it does with the node.
    interface Node {
        Begun begin(SessionKey key) throws InterruptedException;

        boolean isInstalled(App app);

        void installed(App app, String digest) throws IOException;

        Installation install(App app);
    }

    private final SessionKey key;
    private final AppId id;
    private final Node node;
    private volatile Optional<Session> live = Optional.empty();
    private volatile Optional<Installation> installation = Optional.empty();
    /// it failed, and is to be run again
    private boolean installAgain;
    private volatile int failures;
    private volatile String why = "";
    private long readySince;
    private long notBefore = System.nanoTime();

    ServiceCopy(SessionKey key, Node node) {
        this.key = key;
        this.id = key.app();
        this.node = node;
    }

    /// Looks, and does what is next.
    /// @param session of this copy, the live one or else the one that ended last
    void step(Optional<Session> session, Optional<Catalogue.Entry> entry) throws InterruptedException {
        Optional<Session> before = live;
        live = session.filter(it -> it.state().isLive());
        if (live.isPresent()) {
            runs(live.get());
            return;
        }
        if (before.isPresent()) ended(session);
        if (installation.filter(it -> !it.isOver()).isPresent() || System.nanoTime() - notBefore < 0) return;
        Optional<String> obstacle = obstacle(entry);
        if (obstacle.isPresent()) failed(obstacle.get());
        else begin(entry.orElseThrow().app());
    }

    private void runs(Session session) {
        if (!(session.state() instanceof SessionState.Ready)) {
            readySince = 0;
            return;
        }
        if (readySince == 0) readySince = System.nanoTime();
        if (failures > 0 && System.nanoTime() - readySince > Restarts.SETTLED.toNanos()) failures = 0;
    }

    private void ended(Optional<Session> session) {
        readySince = 0;
        failed(session.map(Session::state)
                .filter(SessionState.Ended.class::isInstance)
                .map(state -> sentence(((SessionState.Ended) state).end()))
                .orElse("it ended"));
    }

    private static String sentence(End end) {
        List<String> lines = switch (end) {
            case End.Exited(var status, var last) -> last;
            case End.Failed(var cause, var last) -> last;
            case End.Stopped _, End.Idle _, End.Lost _ -> List.of();
        };
        return end.sentence() + (lines.isEmpty() ? "" : ": " + lines.getLast());
    }

    private static Optional<String> obstacle(Optional<Catalogue.Entry> entry) {
        if (entry.isEmpty()) return Optional.of("there is no such app on this node any more");
        if (entry.get().app().service().isEmpty()) return Optional.of("the app is no service any more");
        return entry.get().obstacle();
    }

    private void begin(App app) throws InterruptedException {
        if (!isInstalled(app)) return;
        switch (node.begin(key)) {
            case Begun.Granted(var session) -> live = Optional.of(session);
            case Begun.Existing(var session) -> live = Optional.of(session);
            case Begun.Full(var shortage, var later) -> failed(shortage);
            case Begun.Draining() -> failed("the node is being drained");
            case Begun.Impossible(var cause) -> failed(cause);
            case Begun.Waiting waiting -> throw new IllegalStateException("an agent lets nobody wait: " + waiting);
        }
    }

    /// Begins its installation when that is missing, and writes down that it did well when it is over.
    private boolean isInstalled(App app) {
        List<String> command = app.service().orElseThrow().install();
        if (command.isEmpty() || node.isInstalled(app)) return true;
        Optional<Installation> done = installation.filter(it -> it.command().equals(command));
        if (done.isEmpty() || installAgain) {
            installAgain = false;
            log.info("service install app={} command={}", id, command);
            installation = Optional.of(node.install(app));
            return false;
        }
        Optional<String> failure = done.get().failure();
        if (failure.isPresent()) {
            failed(failure.get());
            installAgain = true; // after the pause
            return false;
        }
        try {
            node.installed(app, Installation.digest(command));
            return true;
        } catch (IOException | IllegalArgumentException unwritten) {
            failed("it can't be remembered that it is installed: " + unwritten.getMessage());
            return false;
        }
    }

    private void failed(String cause) {
        failures++;
        why = cause;
        var pause = Restarts.pause(failures);
        notBefore = System.nanoTime() + pause.toNanos();
        log.warn(
                "service failed app={} failures={} again_in_ms={} cause=\"{}\"", id, failures, pause.toMillis(), cause);
    }

    /// Nobody wants it here any more.
    void close() {
        installation.ifPresent(Installation::stop);
    }

    Look look(long from) {
        Installation.Output output =
                installation.map(it -> it.since(from)).orElse(new Installation.Output(List.of(), from));
        Optional<Session> session = live;
        return new Look(state(session), why, session.map(Session::id), output.lines(), output.next());
    }

    private State state(Optional<Session> session) {
        if (session.isPresent())
            return session.get().state() instanceof SessionState.Ready ? State.READY : State.STARTING;
        if (installation.filter(it -> !it.isOver()).isPresent()) return State.INSTALLING;
        return failures > 0 ? State.FAILED : State.STARTING;
    }
}
