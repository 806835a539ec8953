package org.carrel.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.carrel.domain.app.App;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Starting;
import org.carrel.domain.session.SignOn;
import org.carrel.domain.session.Workload;
import org.carrel.http.Header;
import org.carrel.kind.KindDriver;
import org.carrel.kind.KindDriver.Plan;
import org.carrel.kind.KindDriver.Probe;
import org.carrel.kind.KindDriver.Site;
import org.carrel.launch.LaunchException;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher;
import org.carrel.launch.Launcher.Life;
import org.carrel.launch.Launcher.Listener;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one session from its turn to its first true answer. Blocks; each call on a virtual thread of its own.
final class StartErrand {
    private static final Logger log = LoggerFactory.getLogger(StartErrand.class);
    static final Duration SHORTEST_PAUSE = Duration.ofMillis(2);
    static final Duration LONGEST_PAUSE = Duration.ofMillis(250);
    /// a pause lengthens no start by more than this part of it
    private static final int PART = 64;

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    /// A workload that accepts and computes may take its time; its exit is noticed meanwhile.
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(10);
    /// Who did not answer in less may just not have come to it.
    private static final Duration TELLING = Duration.ofSeconds(1);

    private static final String NOTHING_LISTENED = "nothing listened";
    private static final Set<String> NOBODY_LISTENS = Set.of("Connection refused", "No such file or directory");

    private final Means means;
    private final Views views;
    private final ExecutorService threads;

    StartErrand(Means means, Views views, ExecutorService threads) {
        this.means = means;
        this.views = views;
        this.threads = threads;
    }

    /// Journals the intent, launches, journals the handle.
    void launch(Session session, App app) throws InterruptedException {
        SessionId id = session.id();
        try {
            means.failpoint().at("before intent");
            KindDriver driver = Optional.ofNullable(means.kinds().get(session.kind()))
                    .orElseThrow(() -> new LaunchException(
                            "apps of the kind " + session.kind() + " can't run on " + session.node()));
            Launcher launcher = means.launcher(app);
            Endpoint endpoint = app.attachment().isPresent()
                    ? app.attachment().get().server()
                    : endpoint(driver.listening(app), id);
            Optional<SignOn> signOn = driver.signOn(app, session.owner());
            KindDriver.Secret secret = Means.newSecret();
            Plan plan = driver.plan(
                    app, new Site(id, launcher.directory(id).toString(), endpoint, prefix(session, app), secret));
            SessionRecord record = intent(session, app, endpoint, secret, signOn, plan);
            means.journal().write(record);
            means.disk().works();
            means.desks().put(id, new Desk(record, means.time().instant()));
            means.failpoint().at("after intent");
            Handle handle = launcher.launch(spec(session, app, endpoint, signOn, plan));
            means.failpoint().at("after launch");
            // a handle that can't be written is no reason to kill: the scan finds the workload by its marker
            means.keep(record.launched(handle));
            means.failpoint().at("after handle");
            means.reports().tell(new NodeEvent.Launched(id, means.workload(handle, endpoint)));
        } catch (LaunchException e) {
            notLaunched(session, "it could not be launched: " + e.getMessage());
        } catch (ClosedByInterruptException e) {
            throw new InterruptedException("the agent closes");
        } catch (IOException e) {
            means.disk().failed(e);
            notLaunched(session, means.disk().obstacle().orElse("its record could not be written: " + e.getMessage()));
        } catch (IllegalArgumentException e) {
            // the kind's word for "this app can't be planned": a directory without an app in it, for example
            notLaunched(session, "the app " + session.app() + " can't be launched: " + e.getMessage());
        } catch (RuntimeException e) {
            log.error("launch failed session={} app={}", id, session.app(), e);
            notLaunched(session, "the app " + session.app() + " can't be launched: " + e.getMessage());
        }
    }

    /// Under which path it is reached.
    private static String prefix(Session session, App app) {
        if (!ServiceKeys.isService(session.key())) return Addresses.SESSIONS + session.id();
        boolean ownHost = app.service().filter(it -> !it.hosts().isEmpty()).isPresent();
        return ownHost ? "" : Addresses.SERVICES + session.app();
    }

    /// Asks until it answers as its kind wants it to, its process ends, or the deadline has passed.
    void probe(Session session, Workload workload) throws InterruptedException {
        SessionId id = session.id();
        SessionRecord record = Optional.ofNullable(means.desks().get(id))
                .map(Desk::record)
                .orElseThrow(() -> new IllegalStateException("no record of " + id));
        Instant deadline = session.state() instanceof Starting starting ? starting.deadline() : Instant.MIN;
        long began = System.nanoTime();
        String last = "it did not answer";
        while (isStarting(id)) {
            Life life = means.look(workload.handle());
            if (!goesOn(life)) {
                means.reports().tell(new NodeEvent.Gone(id, means.diedStarting(id, life)));
                return;
            }
            Attempt attempt = attempt(workload, record, patience(deadline));
            if (attempt instanceof Attempt.Fine) {
                means.failpoint().at("answered");
                means.reports().tell(new NodeEvent.Answered(id));
                return;
            }
            if (attempt instanceof Attempt.Wrong(var why)) last = why;
            // what an attempt cut short by the deadline would have shown, nobody knows: the one before it counts
            if (!means.time().instant().isBefore(deadline)) {
                String cause = "not ready in " + record.startTimeout().toSeconds() + " s: " + last;
                means.reports().tell(new NodeEvent.NeverAnswered(id, new End.Failed(cause, means.lastLines(id))));
                return;
            }
            Thread.sleep(pause(Duration.ofNanos(System.nanoTime() - began)));
        }
    }

    /// Between two questions. It grows with what the start has taken so far: a quick start is seen at once, and a slow
    /// one isn't made slower by the asking.
    static Duration pause(Duration waited) {
        Duration part = waited.dividedBy(PART);
        if (part.compareTo(SHORTEST_PAUSE) < 0) return SHORTEST_PAUSE;
        return part.compareTo(LONGEST_PAUSE) < 0 ? part : LONGEST_PAUSE;
    }

    private sealed interface Attempt {
        record Fine() implements Attempt {}

        record Wrong(String why) implements Attempt {}

        record CutShort() implements Attempt {}
    }

    private Duration patience(Instant deadline) {
        Duration left = Duration.between(means.time().instant(), deadline);
        return left.compareTo(ANSWER_PATIENCE) < 0 ? left : ANSWER_PATIENCE;
    }

    private Attempt attempt(Workload workload, SessionRecord record, Duration most) throws InterruptedException {
        if (!(workload.endpoint() instanceof Endpoint.Tcp port)) return ask(workload, record, most);
        try {
            return switch (listener(workload.handle(), port)) {
                case WORKLOAD -> ask(workload, record, most);
                case NOBODY -> new Attempt.Wrong(NOTHING_LISTENED);
                case STRANGER -> new Attempt.Wrong("the port " + port.port() + " is held by another program");
            };
        } catch (IOException e) {
            return new Attempt.Wrong("whose the port " + port.port() + " is can't be seen: " + e.getMessage());
        }
    }

    private Attempt ask(Workload workload, SessionRecord record, Duration most) throws InterruptedException {
        Future<Attempt> asked = threads.submit(() -> answer(workload, record, means.inject(record)));
        long patience = most.toNanos() + System.nanoTime();
        try {
            while (true) {
                try {
                    return asked.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    boolean alive = goesOn(means.look(workload.handle()));
                    if (!alive || !isStarting(record.id())) return new Attempt.Wrong("it ended while it was asked");
                    if (System.nanoTime() <= patience) continue;
                    if (most.compareTo(TELLING) < 0) return new Attempt.CutShort();
                    return new Attempt.Wrong("it took a connection and did not answer in " + most.toSeconds() + " s");
                }
            }
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            String why = String.valueOf(cause instanceof IOException ? cause.getMessage() : cause);
            return new Attempt.Wrong(NOBODY_LISTENS.contains(why) ? NOTHING_LISTENED : why);
        } finally {
            asked.cancel(true);
        }
    }

    private static boolean goesOn(Life life) {
        return life instanceof Life.Alive || life instanceof Life.Resting;
    }

    private static Attempt answer(Workload workload, SessionRecord record, List<Header> inject) throws IOException {
        return switch (record.probe()) {
            case Probe.Get(var path, var from, var to) -> {
                int status = Prober.ask("GET", workload.endpoint(), path, inject);
                yield status >= from && status <= to
                        ? new Attempt.Fine()
                        : new Attempt.Wrong("it answered with status " + status);
            }
            case Probe.Greeting(var begins, var bytes) ->
                Prober.greeting(workload.endpoint(), bytes).startsWith(begins)
                        ? new Attempt.Fine()
                        : new Attempt.Wrong("it greeted with something else than " + begins);
        };
    }

    /// A stranger may have taken the port before the session did; it must never get the session's traffic.
    private Listener listener(Handle handle, Endpoint.Tcp port) throws IOException {
        var launcher = means.launcher(handle);
        return launcher.isPresent() ? launcher.get().listener(handle, port) : Listener.STRANGER;
    }

    private boolean isStarting(SessionId id) {
        View view = views.current();
        return view.session(id)
                .filter(session -> session.state() instanceof Starting)
                .isPresent();
    }

    private void notLaunched(Session session, String cause) throws InterruptedException {
        log.warn("session not launched session={} app={} cause={}", session.id(), session.app(), cause);
        means.reports()
                .tell(new NodeEvent.NotLaunched(session.id(), new End.Failed(cause, means.lastLines(session.id()))));
    }

    private Endpoint endpoint(KindDriver.Listening listening, SessionId id) throws IOException {
        return switch (listening) {
            case SOCKET ->
                new Endpoint.Unix(means.socketDirectory(id).resolve("s").toString());
            case PORT -> new Endpoint.Tcp(freePort());
        };
    }

    /// Free at this moment; whether the session got it is checked before anybody is sent there.
    private static int freePort() throws IOException {
        try (ServerSocket trial = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return trial.getLocalPort();
        }
    }

    private static SessionRecord intent(
            Session session, App app, Endpoint endpoint, KindDriver.Secret secret, Optional<SignOn> signOn, Plan plan) {
        return new SessionRecord(
                session.id(),
                session.key(),
                session.kind(),
                session.demand(),
                session.node(),
                session.since(),
                endpoint,
                secret,
                plan.inject(),
                plan.probe(),
                signOn,
                app.idle(),
                app.startTimeout(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static LaunchSpec spec(Session session, App app, Endpoint endpoint, Optional<SignOn> signOn, Plan plan) {
        return new LaunchSpec(
                session.id(),
                session.owner(),
                plan.argv(),
                plan.environment(),
                plan.directory(),
                endpoint,
                plan.files(),
                app.demand(),
                app.attachment().flatMap(attached -> signOn.map(SignOn::account)));
    }
}
