package org.carrel.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.Service;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.port.View;

/// A fake machine, a catalogue of fake apps, and agents opened on them one after the other. Time runs, and can be
/// pushed.
final class AgentBench implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final Path state;
    final Path run;
    final FakeMachine machine;
    final FakeKind kind = new FakeKind();
    final Map<AppId, Catalogue.Entry> apps = new ConcurrentHashMap<>();
    final AtomicReference<Duration> pushed = new AtomicReference<>(Duration.ZERO);
    final InstantSource time = () -> Instant.now().plus(pushed.get());
    private final AtomicInteger requests = new AtomicInteger();
    Capacity capacity = new Capacity(new Resources(64_000, 64L << 30), 40, 4);
    Duration startTimeout = Duration.ofSeconds(10);
    long diskReserve = 1;
    long logBytes = 1 << 16;
    IdleRule idle = IdleRule.DEFAULT;

    AgentBench(Path root) throws IOException {
        this.state = root.resolve("state");
        // a short name of its own: the path of a unix socket has at most 100 bytes
        this.run = Files.createTempDirectory(Path.of("/tmp"), "cr");
        this.machine = new FakeMachine(state);
    }

    AgentBench app(String id, String... command) {
        AppId app = new AppId(id);
        apps.put(
                app,
                new Catalogue.Entry(
                        new App(
                                app,
                                FakeKind.ID,
                                id,
                                "",
                                Optional.empty(),
                                List.of(command),
                                Map.of(),
                                new Resources(1000, 1L << 30),
                                Audience.EVERYBODY,
                                idle,
                                startTimeout),
                        Optional.empty()));
        return this;
    }

    AgentBench service(String id, Service service, Audience audience, String... command) {
        app(id, command);
        App plain = apps.get(new AppId(id)).app();
        App app = new App(
                        plain.id(),
                        plain.kind(),
                        plain.title(),
                        "",
                        Optional.empty(),
                        plain.command(),
                        Map.of(),
                        plain.demand(),
                        audience,
                        plain.idle(),
                        plain.startTimeout())
                .as(service);
        apps.put(app.id(), new Catalogue.Entry(app, Optional.empty()));
        return this;
    }

    Agent open() throws IOException {
        return open(Means.Failpoint.NONE);
    }

    Agent open(Means.Failpoint failpoint) throws IOException {
        AgentSettings settings = new AgentSettings(
                new NodeName("n1"),
                "test",
                state,
                run,
                capacity,
                Duration.ofSeconds(60),
                Duration.ofMinutes(10),
                Duration.ofMillis(200),
                diskReserve,
                logBytes,
                2,
                "none",
                Map.of());
        return Agent.open(settings, () -> List.copyOf(apps.values()), List.of(machine), List.of(kind), time, failpoint);
    }

    Begun begin(Agent agent, String owner, String app) throws InterruptedException {
        return agent.begin(key(owner, app), new RequestId("r" + requests.incrementAndGet()));
    }

    Session granted(Agent agent, String owner, String app) throws InterruptedException {
        Begun begun = begin(agent, owner, app);
        if (begun instanceof Begun.Granted(var session)) return session;
        throw new AssertionError("not granted: " + begun);
    }

    Session ready(Agent agent, String owner, String app) throws InterruptedException {
        return await(agent, granted(agent, owner, app).id(), "ready");
    }

    static SessionKey key(String owner, String app) {
        return new SessionKey(new UserId(owner), new AppId(app), SessionKey.DEFAULT_NAME);
    }

    static Principal principal(String user) {
        return new Principal(new UserId(user), Set.of(), Set.of(Scope.USE, Scope.ADMIN));
    }

    static Session await(Agent agent, SessionId id, String word) throws InterruptedException {
        View view = await(
                agent,
                seen -> seen.session(id)
                        .filter(session -> session.state().word().equals(word))
                        .isPresent());
        return view.session(id).orElseThrow();
    }

    static View await(Agent agent, Predicate<View> holds) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Feed<View> views = agent.follow()) {
            while (System.nanoTime() < deadline) {
                Optional<View> view = views.next(Duration.ofMillis(100));
                if (view.isPresent() && holds.test(view.get())) return view.get();
            }
        }
        throw new AssertionError("never came: " + agent.current().sessions());
    }

    @Override
    public void close() throws IOException {
        machine.close();
        try (var left = Files.walk(run)) {
            for (Path path : left.sorted(java.util.Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }
}
