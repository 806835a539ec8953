package org.carrel.agent;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.app.App;
import org.carrel.domain.idle.IdlePolicy;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.idle.Signals;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.domain.session.Workload;
import org.carrel.kind.KindDriver;
import org.carrel.launch.Launcher;
import org.carrel.launch.Launcher.Activity;
import org.carrel.launch.Launcher.Life;
import org.carrel.launch.Launcher.Usage;
import org.carrel.port.Catalogue;
import org.carrel.port.Sample;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the sessions that run: once a second whether they live, every sample interval
/// what they use and whether they are idle. One virtual thread; the questions of one sample go out together.
final class Observer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Observer.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration SAMPLE_PATIENCE = Duration.ofSeconds(8);

    private final Means means;
    private final Views views;
    private final Catalogue catalogue;
    private final Authority authority;
    private final NodeGauge gauge = new NodeGauge();
    private final Map<SessionId, Trace> traces = new HashMap<>();
    private final ExecutorService questions = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread thread;
    private Map<SessionId, Sample> samples = Map.of();
    private volatile NodeGauge.Reading reading;

    Observer(Means means, Views views, Catalogue catalogue, Authority authority) {
        this.means = means;
        this.views = views;
        this.catalogue = catalogue;
        this.authority = authority;
        this.reading = gauge.read();
        this.thread = Thread.ofVirtual().name("agent observer").unstarted(this::run);
    }

    void open() {
        thread.start();
    }

    NodeGauge.Reading reading() {
        return reading;
    }

    @Override
    public void close() {
        thread.interrupt();
        questions.shutdownNow();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Duration pause = means.settings().sampleInterval().compareTo(LOOK_EVERY) < 0
                ? means.settings().sampleInterval()
                : LOOK_EVERY;
        long nextSample = System.nanoTime();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    look();
                    if (System.nanoTime() >= nextSample) {
                        nextSample = System.nanoTime()
                                + means.settings().sampleInterval().toNanos();
                        sample();
                    }
                } catch (RuntimeException e) {
                    log.error("observation failed", e);
                }
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        for (Session session : List.copyOf(views.current().sessions().values())) {
            if (!session.state().isLive()) continue;
            if (session.state() instanceof Ready(var workload)) lookAt(session, workload);
        }
    }

    private void lookAt(Session session, Workload workload) throws InterruptedException {
        switch (means.look(workload.handle())) {
            case Life.Alive(), Life.Resting() -> {}
            case Life.Exited(var status) ->
                authority.tell(new NodeEvent.Gone(session.id(), new End.Exited(status, means.lastLines(session.id()))));
            case Life.Vanished vanished ->
                authority.tell(new NodeEvent.Gone(session.id(), new End.Lost("its program vanished without a word")));
        }
    }

    private record Asked(Session session, Workload workload, Desk desk) {}

    private record Seen(Usage usage, boolean working, Optional<Activity> activity, long nanos) {}

    private void sample() throws InterruptedException {
        List<Asked> asked = new ArrayList<>();
        for (Session session : views.current().sessions().values()) {
            Desk desk = means.desks().get(session.id());
            if (desk != null && session.state() instanceof Ready(var workload))
                asked.add(new Asked(session, workload, desk));
        }
        List<Callable<Seen>> tasks = new ArrayList<>();
        for (Asked one : asked) tasks.add(() -> see(one));
        List<Future<Seen>> answers = questions.invokeAll(tasks, SAMPLE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        Map<SessionId, Sample> next = new HashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            SessionId id = asked.get(i).session().id();
            Optional<Sample> sample = sample(asked.get(i), answers.get(i));
            sample.or(() -> Optional.ofNullable(samples.get(id))).ifPresent(known -> next.put(id, known));
        }
        traces.keySet().retainAll(next.keySet());
        samples = next;
        reading = gauge.read();
        authority.observed(next);
    }

    private Seen see(Asked one) throws IOException {
        Optional<Launcher> launcher = means.launcher(one.workload().handle());
        if (launcher.isEmpty()) throw new IOException("no launcher");
        Usage usage = launcher.get().usage(one.workload().handle());
        Optional<Activity> activity = launcher.get().activity(one.workload().handle());
        boolean working = isWorking(one) || activity.filter(Activity::working).isPresent();
        return new Seen(usage, working, activity, System.nanoTime());
    }

    private boolean isWorking(Asked one) {
        KindDriver driver = means.kinds().get(one.session().kind());
        if (driver == null) return false;
        try {
            return driver.isWorking(one.desk().record().served());
        } catch (IOException e) {
            // it can't tell: its CPU decides
            log.debug(
                    "kind can't tell whether it works session={} cause={}",
                    one.session().id(),
                    e.toString());
            return false;
        }
    }

    private Optional<Sample> sample(Asked one, Future<Seen> answer) throws InterruptedException {
        try {
            return Optional.of(sample(one, answer.get()));
        } catch (ExecutionException | CancellationException e) {
            log.debug("no sample session={} cause={}", one.session().id(), e.toString());
            return Optional.empty();
        }
    }

    private Sample sample(Asked one, Seen seen) throws InterruptedException {
        Session session = one.session();
        Trace trace = traces.computeIfAbsent(session.id(), any -> new Trace());
        trace.add(seen.usage(), seen.nanos());
        Instant now = means.time().instant();
        seen.activity()
                .flatMap(Activity::lastUse)
                .filter(use -> use.isAfter(one.desk().lastInput()) && !use.isAfter(now))
                .ifPresent(one.desk()::used);
        Instant lastInput = one.desk().lastInput();
        Instant ready = one.desk().record().readyAt().orElse(session.since());
        if (IdlePolicy.isBusy(seen.working(), trace.cpuPercent())) one.desk().busy(now);
        Signals signals = new Signals(
                positive(Duration.between(ready, now)),
                positive(Duration.between(lastInput, now)),
                one.desk().connections(),
                seen.working(),
                trace.cpuPercent(),
                positive(Duration.between(one.desk().lastBusy(), now)));
        IdleVerdict verdict = leavesFor(one, signals).orElseGet(() -> IdlePolicy.judge(rule(one), signals, now));
        // without a rate of CPU nobody can say that it is idle; and it may have been used since
        boolean sure = trace.knowsCpu() && lastInput.equals(one.desk().lastInput());
        if (verdict instanceof IdleVerdict.Stop(var reason) && sure)
            authority.tell(new NodeEvent.Stop(session.id(), new End.Idle(reason)));
        return new Sample(
                trace.cpuPercent(),
                seen.usage().pssBytes(),
                trace.cpuHistory(),
                trace.memoryHistory(),
                one.desk().connections(),
                lastInput,
                verdict,
                seen.activity().flatMap(Activity::project));
    }

    /// What can be suspended doesn't stay on a machine that is being drained: it goes on elsewhere, as soon as it isn't
    /// computing.
    private Optional<IdleVerdict> leavesFor(Asked one, Signals signals) {
        boolean draining = views.current().nodes().stream()
                .anyMatch(node -> node.name().equals(one.session().node()) && node.draining());
        boolean suspends = means.launcher(one.workload().handle())
                .filter(Launcher::attaches)
                .isPresent();
        if (!draining || !suspends || IdlePolicy.isBusy(signals.working(), signals.cpuPercent()))
            return Optional.empty();
        return Optional.of(new IdleVerdict.Stop(
                "its machine is being drained: it was suspended, and goes on where it is opened next"));
    }

    /// The app's rule of today; when it left the catalogue, the one the session began with.
    private IdleRule rule(Asked one) {
        return catalogue
                .find(one.session().app())
                .map(Catalogue.Entry::app)
                .map(App::idle)
                .orElse(one.desk().record().idle());
    }

    private static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
