package org.carrel.support;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.session.Workload;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.Progress;
import org.carrel.port.Progress.Stage;
import org.carrel.port.Sample;
import org.carrel.port.Sessions;
import org.carrel.port.Start;
import org.carrel.port.Starts;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.jspecify.annotations.Nullable;

/// A node in memory: keeps the promises of `Sessions`, `Views` and `Catalogue`, launches nothing. The test says when a
/// start goes on, and what is observed. Time stands at `NOW` unless the test moves it.
public final class FakeAgent implements Starts, Sessions, Views, Catalogue {
    public static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    public static final NodeName NODE = new NodeName("n1");

    private final int capacity;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<SessionId, Session> sessions = new LinkedHashMap<>();
    private final Map<SessionId, Sample> samples = new HashMap<>();
    private final Map<NodeName, OtherNode> others = new java.util.concurrent.ConcurrentHashMap<>();
    private final Map<SessionId, List<String>> logs = new HashMap<>();
    private final List<Follower<View>> followers = new ArrayList<>();
    private final Map<SessionId, List<Follower<Progress>>> watchers = new HashMap<>();
    private final Map<SessionId, Progress> stages = new HashMap<>();
    private final List<UserId> extended = new ArrayList<>();
    private volatile View view = View.EMPTY;
    /// of every ready session
    public static final long PID = 4711;

    private Instant now = NOW;
    private boolean draining;
    private long version;
    private int made;

    public FakeAgent(int capacity) {
        this.capacity = capacity;
        publish();
    }

    /// with `faithful` and `counter` for everybody, and `secret` for the group `stats`
    public static FakeAgent withApps() {
        FakeAgent agent = new FakeAgent(3);
        agent.offer(app("faithful", "Old Faithful", Audience.EVERYBODY), Optional.empty());
        agent.offer(app("counter", "Counter", Audience.EVERYBODY), Optional.of("R is missing; install r-base-core"));
        agent.offer(app("secret", "Secret", new Audience(Set.of(), Set.of("stats"))), Optional.empty());
        return agent;
    }

    public static App app(String id, String title, Audience audience) {
        return new App(
                new AppId(id),
                new KindId("shiny"),
                title,
                "An app named " + title + ".",
                Optional.of("/srv/apps/" + id),
                List.of(),
                Map.of(),
                new Resources(500, 1 << 28),
                audience,
                IdleRule.DEFAULT,
                App.DEFAULT_START_TIMEOUT);
    }

    public synchronized void offer(App app, Optional<String> obstacle) {
        entries.add(new Entry(app, obstacle));
    }

    public synchronized void at(Instant moment) {
        now = moment;
    }

    // what the test makes happen

    public synchronized void reach(SessionId id, Stage stage, int ahead) {
        change(
                id,
                session -> session.in(
                        stage == Stage.QUEUED
                                ? new SessionState.Reserved(now.plusSeconds(60), ahead)
                                : new SessionState.Starting(now.plusSeconds(60), Optional.empty())));
        tell(id, new Progress(stage, ahead, Optional.empty()));
    }

    public synchronized void ready(SessionId id) {
        Workload workload = new Workload(
                new Handle("fake", 1, Map.of()),
                new Endpoint.Unix("/run/carrel/" + id + ".sock"),
                OptionalLong.of(PID));
        change(id, session -> session.in(new SessionState.Ready(workload)));
        tell(id, Progress.at(Stage.READY));
    }

    public synchronized void end(SessionId id, End end) {
        change(id, session -> session.in(new SessionState.Ended(end, now)));
        samples.remove(id);
        tell(id, new Progress(Stage.FAILED, 0, Optional.of(end)));
    }

    public synchronized void forget(SessionId id) {
        sessions.remove(id);
        version++;
        publish();
    }

    public synchronized void observe(SessionId id, double cpuPercent, IdleVerdict verdict) {
        samples.put(
                id,
                new Sample(
                        cpuPercent,
                        123_000_000,
                        List.of(1.0, cpuPercent),
                        List.of(120_000_000L, 123_000_000L),
                        1,
                        now,
                        verdict,
                        Optional.empty()));
        publish();
    }

    public synchronized void print(SessionId id, String... lines) {
        logs.computeIfAbsent(id, key -> new ArrayList<>()).addAll(List.of(lines));
    }

    /// those who asked to keep a session running, in order
    public synchronized List<UserId> extended() {
        return List.copyOf(extended);
    }

    /// how many feeds are open
    public synchronized int readers() {
        return followers.size()
                + watchers.values().stream().mapToInt(List::size).sum();
    }

    // Starts

    /// What those who would wait are told, instead of beginning; null: they begin.
    public volatile org.carrel.domain.place.@Nullable Stage waiting;

    public final List<Start> asked = new java.util.concurrent.CopyOnWriteArrayList<>();
    public final List<RequestId> calledOff = new java.util.concurrent.CopyOnWriteArrayList<>();

    @Override
    public Begun start(Start start) {
        asked.add(start);
        org.carrel.domain.place.Stage why = waiting;
        if (why != null && start.waits() && !start.elsewhere()) return new Begun.Waiting(why, Duration.ofSeconds(2));
        return begin(start.key(), start.ticket());
    }

    @Override
    public void callOff(SessionKey key, RequestId ticket) {
        calledOff.add(ticket);
    }

    // Sessions

    @Override
    public synchronized Begun begin(SessionKey key, RequestId once) {
        for (Session session : sessions.values())
            if (session.key().equals(key) && session.state().isLive()) return new Begun.Existing(session);
        if (draining) return new Begun.Draining();
        Optional<Entry> entry = find(key.app());
        if (entry.isEmpty()) return new Begun.Impossible("no such app here");
        if (entry.get().obstacle().isPresent())
            return new Begun.Impossible(entry.get().obstacle().get());
        long live = live();
        if (live >= capacity)
            return new Begun.Full("all " + capacity + " places are taken; stop one", Duration.ofSeconds(30));
        App app = entry.get().app();
        SessionState reserved = new SessionState.Reserved(now.plusSeconds(60), 0);
        Session session = new Session(nextId(), key, app.kind(), app.demand(), NODE, now, reserved);
        sessions.put(session.id(), session);
        stages.put(session.id(), Progress.at(Stage.RESERVED));
        version++;
        publish();
        return new Begun.Granted(session);
    }

    @Override
    public synchronized Feed<Progress> watch(SessionId id) {
        Progress present = stages.getOrDefault(id, Progress.at(Stage.READY));
        Follower<Progress> follower = new Follower<>(Integer.MAX_VALUE) {
            @Override
            public void close() {
                super.close();
                synchronized (FakeAgent.this) {
                    watchers.computeIfPresent(id, (key, readers) -> {
                        readers.remove(this);
                        return readers;
                    });
                }
            }
        };
        follower.offer(present);
        if (isLast(present)) follower.finish();
        else watchers.computeIfAbsent(id, key -> new ArrayList<>()).add(follower);
        return follower;
    }

    @Override
    public synchronized Optional<Session> stop(SessionId id, End because) {
        Session session = sessions.get(id);
        if (session == null) return Optional.empty();
        if (session.state().isLive()) end(id, because);
        return Optional.ofNullable(sessions.get(id));
    }

    @Override
    public synchronized Optional<Session> extend(SessionId id, UserId by) {
        extended.add(by);
        return Optional.ofNullable(sessions.get(id));
    }

    @Override
    public synchronized List<String> log(SessionId id, int lines) {
        List<String> all = logs.getOrDefault(id, List.of());
        return List.copyOf(all.subList(Math.max(0, all.size() - lines), all.size()));
    }

    @Override
    public Optional<Duration> usualStart(SessionKey key) {
        return key.app().value().equals("faithful") ? Optional.of(Duration.ofMillis(800)) : Optional.empty();
    }

    @Override
    public synchronized void drain(boolean on) {
        draining = on;
        version++;
        publish();
    }

    // Views

    @Override
    public View current() {
        return view;
    }

    @Override
    public synchronized Feed<View> follow() {
        Follower<View> follower = new Follower<>(1) {
            @Override
            public void close() {
                super.close();
                synchronized (FakeAgent.this) {
                    followers.remove(this);
                }
            }
        };
        follower.offer(view);
        followers.add(follower);
        return follower;
    }

    // Catalogue

    @Override
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    private SessionId nextId() {
        made++;
        byte[] seed = new byte[10];
        seed[8] = (byte) (made >> 8);
        seed[9] = (byte) made;
        return SessionId.of(seed);
    }

    private long live() {
        return sessions.values().stream()
                .filter(session -> session.state().isLive())
                .count();
    }

    private void change(SessionId id, UnaryOperator<Session> how) {
        sessions.computeIfPresent(id, (key, session) -> how.apply(session));
        version++;
        publish();
    }

    /// another node, as membership would put it into the view
    public void sees(OtherNode other) {
        others.put(other.name(), other);
        version++;
        publish();
    }

    private void publish() {
        NodeFacts facts = new NodeFacts(
                NODE,
                "0.1.0",
                NOW,
                new Capacity(new Resources(2000, 1L << 32), capacity, 2),
                new Resources(500, 1 << 28),
                (int) live(),
                0,
                0,
                draining,
                12.5,
                1L << 30,
                1L << 33,
                0.42,
                "each user has a uid");
        view = new View(version, Map.copyOf(sessions), Map.copyOf(samples), List.of(facts), Map.copyOf(others));
        for (Follower<View> follower : List.copyOf(followers)) follower.offer(view);
    }

    private void tell(SessionId id, Progress progress) {
        stages.put(id, progress);
        for (Follower<Progress> watcher : List.copyOf(watchers.getOrDefault(id, List.of()))) {
            watcher.offer(progress);
            if (isLast(progress)) watcher.finish();
        }
    }

    private static boolean isLast(Progress progress) {
        return progress.stage() == Stage.READY || progress.stage() == Stage.FAILED;
    }

    /// keeps the newest `bound` values for its reader
    private static class Follower<T> implements Feed<T> {
        private final int bound;
        private final BlockingQueue<Optional<T>> values = new LinkedBlockingQueue<>();
        private volatile boolean finished;

        Follower(int bound) {
            this.bound = bound;
        }

        synchronized void offer(T value) {
            while (values.size() >= bound) values.poll();
            values.add(Optional.of(value));
        }

        void finish() {
            finished = true;
            values.add(Optional.empty()); // wakes the reader
        }

        @Override
        public Optional<T> next(Duration patience) throws InterruptedException {
            if (finished && values.isEmpty()) return Optional.empty();
            Optional<T> value = values.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
            return value == null ? Optional.empty() : value;
        }

        @Override
        public boolean ended() {
            return finished && values.stream().noneMatch(Optional::isPresent);
        }

        @Override
        public void close() {
            finish();
        }
    }
}
