package org.carrel.agent;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Draining;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.Workload;
import org.carrel.kind.KindDriver.StopStep;
import org.carrel.launch.Launcher;
import org.carrel.launch.Launcher.Life;
import org.carrel.launch.Launcher.Signal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one session to its end and removes what it left behind. Blocks; each call on a virtual thread of its own.
final class StopErrand {
    private static final Logger log = LoggerFactory.getLogger(StopErrand.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
    private static final Duration STEP_MOST = Duration.ofSeconds(30);

    private final Means means;

    StopErrand(Means means) {
        this.means = means;
    }

    /// The steps of its kind, mildest first, then KILL. Without a sign of its end nothing is reported: the node asks
    /// again later.
    void stop(Session session, Workload workload, boolean hard) throws InterruptedException {
        Optional<SessionRecord> record =
                Optional.ofNullable(means.desks().get(session.id())).map(Desk::record);
        if (record.isPresent() && session.state() instanceof Draining draining)
            means.keep(record.get().stopping(draining.because()));
        if (!hard && record.isPresent())
            for (StopStep step : steps(record.get())) {
                take(step, workload, record.get());
                if (endsWithin(step.patience(), workload.handle())) break;
            }
        if (isAlive(workload.handle())) {
            signal(workload.handle(), Signal.KILL);
            if (!endsWithin(KILL_PATIENCE, workload.handle())) {
                log.error("session can't be killed session={} handle={}", session.id(), workload.handle());
                return;
            }
        }
        means.reports().tell(new NodeEvent.Gone(session.id(), new End.Stopped("carrel")));
    }

    /// Removes sockets, temporary files and stray processes, and makes the end durable.
    void clean(Session session) {
        SessionId id = session.id();
        Optional<Desk> desk = Optional.ofNullable(means.desks().get(id));
        Optional<SessionRecord> record = desk.map(Desk::record);
        record.flatMap(SessionRecord::handle).ifPresent(handle -> clean(id, handle));
        removeSocket(id);
        if (session.state() instanceof Ended(var end, var at)) {
            record.filter(known -> known.endedAt().isEmpty()).ifPresent(known -> means.keep(known.ended(end, at)));
            log.info(
                    "session ended session={} app={} owner={} why={}",
                    id,
                    session.app(),
                    session.owner(),
                    end.sentence());
        }
    }

    /// A launch that came too late.
    void discard(SessionId id, Workload workload) throws InterruptedException {
        log.warn("late launch discarded session={}", id);
        signal(workload.handle(), Signal.KILL);
        endsWithin(KILL_PATIENCE, workload.handle());
        clean(id, workload.handle());
        removeSocket(id);
    }

    void forget(SessionId id) {
        Optional<Desk> desk = Optional.ofNullable(means.desks().remove(id));
        Launcher launcher = desk.flatMap(known -> known.record().handle())
                .flatMap(means::launcher)
                .orElse(means.launcher());
        try {
            launcher.forget(id);
            means.journal().forget(id);
        } catch (IOException e) {
            log.warn("session not forgotten session={} cause={}", id, e.toString());
        }
    }

    private List<StopStep> steps(SessionRecord record) {
        return Optional.ofNullable(means.kinds().get(record.kind()))
                .map(driver -> driver.stopSteps(record.served()))
                .orElse(List.of(new StopStep.Send(Signal.TERM, Duration.ofSeconds(5))));
    }

    private void take(StopStep step, Workload workload, SessionRecord record) throws InterruptedException {
        switch (step) {
            case StopStep.Send(var signal, var patience) -> signal(workload.handle(), signal);
            case StopStep.Post(var path, var patience) -> post(path, record, patience);
        }
    }

    private void post(String path, SessionRecord record, Duration patience) throws InterruptedException {
        Thread asking = Thread.ofVirtual().name("stop " + record.id()).start(() -> {
            try {
                Prober.ask("POST", record.endpoint(), path, means.inject(record));
            } catch (IOException e) {
                log.info("polite stop not taken session={} cause={}", record.id(), e.toString());
            }
        });
        if (!asking.join(patience.compareTo(STEP_MOST) < 0 ? patience : STEP_MOST)) asking.interrupt();
    }

    private void signal(Handle handle, Signal signal) {
        try {
            Optional<Launcher> launcher = means.launcher(handle);
            if (launcher.isPresent()) launcher.get().signal(handle, signal);
        } catch (IOException e) {
            log.warn("signal not sent signal={} handle={} cause={}", signal, handle, e.toString());
        }
    }

    private boolean endsWithin(Duration patience, Handle handle) throws InterruptedException {
        long deadline = System.nanoTime() + (patience.compareTo(STEP_MOST) < 0 ? patience : STEP_MOST).toNanos();
        while (isAlive(handle)) {
            if (System.nanoTime() > deadline) return false;
            Thread.sleep(LOOK_EVERY);
        }
        return true;
    }

    private boolean isAlive(Handle handle) {
        return means.look(handle) instanceof Life.Alive;
    }

    private void clean(SessionId id, Handle handle) {
        try {
            Optional<Launcher> launcher = means.launcher(handle);
            if (launcher.isPresent()) launcher.get().clean(id, handle);
        } catch (IOException e) {
            log.warn("session not cleaned session={} cause={}", id, e.toString());
        }
    }

    /// What the launcher may have left of a socket, or a launch that failed half-way.
    private void removeSocket(SessionId id) {
        Path directory = means.socketDirectory(id);
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) return;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        } catch (NotDirectoryException e) {
            log.warn("no directory for sockets session={} path={}", id, directory);
        } catch (IOException e) {
            log.warn("socket not removed session={} cause={}", id, e.toString());
        }
    }
}
