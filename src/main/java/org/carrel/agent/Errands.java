package org.carrel.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.node.NodeEffect;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out what the node decided, each effect on a virtual thread of its own; what comes of it returns to the
/// mailbox. Closing leaves workloads running.
final class Errands implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Errands.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final Means means;
    private final UsualStarts usual;
    private final StartErrand start;
    private final StopErrand stop;
    /// short ones, let finish at the end: their last act is to write a record
    private final ExecutorService brief = Executors.newVirtualThreadPerTaskExecutor();
    /// those that mostly wait for a workload, broken off at the end: the next agent takes them up again
    private final ExecutorService patient = Executors.newVirtualThreadPerTaskExecutor();

    private volatile boolean closed;

    Errands(Means means, Views views, UsualStarts usual) {
        this.means = means;
        this.usual = usual;
        this.start = new StartErrand(means, views, patient);
        this.stop = new StopErrand(means);
    }

    /// Never blocks.
    void carryOut(NodeEffect effect) {
        switch (effect) {
            case NodeEffect.Launch(var session, var app) -> run(brief, session.id(), () -> start.launch(session, app));
            case NodeEffect.Probe(var session, var workload) ->
                run(patient, session.id(), () -> start.probe(session, workload));
            case NodeEffect.Keep(var session) -> run(brief, session.id(), () -> keep(session));
            case NodeEffect.Stop(var session, var workload, var hard) ->
                run(patient, session.id(), () -> stop.stop(session, workload, hard));
            case NodeEffect.Clean(var session, var workload) -> run(brief, session.id(), () -> stop.clean(session));
            case NodeEffect.Discard(var id, var workload) -> run(brief, id, () -> stop.discard(id, workload));
            case NodeEffect.Forget(var id) -> run(brief, id, () -> stop.forget(id));
        }
    }

    @Override
    public void close() {
        closed = true;
        patient.shutdownNow();
        brief.shutdown();
        try {
            if (!brief.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("errands still under way at the end");
                brief.shutdownNow();
            }
            patient.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep(Session session) {
        Desk desk = means.desks().get(session.id());
        if (desk == null) return;
        var now = means.time().instant();
        desk.used(now);
        Duration took = Duration.between(session.since(), now);
        means.keep(desk.record().ready(now));
        log.info(
                "session ready session={} app={} owner={} took_ms={}",
                session.id(),
                session.app(),
                session.owner(),
                took.toMillis());
        usual.took(session.app(), took);
        if (session.state() instanceof Ready(var workload))
            means.launcher(workload.handle()).ifPresent(launcher -> {
                try {
                    launcher.settled(workload.handle());
                } catch (IOException e) {
                    log.warn("priority not raised session={} cause={}", session.id(), e.toString());
                }
            });
    }

    @FunctionalInterface
    private interface Errand {
        void run() throws InterruptedException;
    }

    private void run(ExecutorService threads, SessionId id, Errand errand) {
        try {
            threads.execute(() -> {
                try {
                    errand.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    if (!closed) log.error("errand failed session={}", id, e);
                }
            });
        } catch (RejectedExecutionException e) {
            log.info("errand left for the next start session={}", id);
        }
    }
}
