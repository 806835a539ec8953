package org.carrel.door;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.http.Feed;
import org.carrel.port.Peers;
import org.carrel.port.Sample;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The view of this node's agent, with the sessions of every other node as that node's agent tells them through its
/// door: it answers as soon as there is news. A node that falls silent keeps the sessions it last told, since they may
/// live; whoever wants in is told that it doesn't answer.
///
/// What it observes of its sessions comes along, some seconds old. Of facts about machines only this node's own are in
/// it.
public final class Neighbours implements Views, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Neighbours.class);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    /// Between two views for those that follow. In a burst of starts each node hears of something new a hundred times a
    /// second, and a view is made of all sessions there are.
    private static final Duration BETWEEN_VIEWS = Duration.ofMillis(50);
    /// Between two answers that tell what was observed, while sessions run there.
    private static final Duration SAMPLES_EVERY = Duration.ofSeconds(10);

    private static final int SESSIONS_MOST = 20_000;
    /// How long what a node answered counts beside what it tells: longer than its news can be under way.
    private static final long LEARNED_NANOS = Duration.ofSeconds(3).toNanos();

    private final NodeId me;
    private final Views own;
    private final PeerCalls calls;
    private final ViewBoard board = new ViewBoard();
    private final Map<SessionId, Learned> learned = new HashMap<>();
    private final Semaphore news = new Semaphore(0);
    private final Thread follower;
    private final Thread publisher;
    private final EachDoor followed;
    private volatile Map<SocketAddress, Neighbour> known = Map.of();
    private volatile Merged last;

    /// What one other node told last.
    /// @param told the sessions it told of itself
    /// @param sessions these, and those that were learned of meanwhile
    /// @param samples what it last observed of them
    /// @param answers whether it answered the last call
    private record Neighbour(
            NodeId node,
            Map<SessionId, Session> told,
            Map<SessionId, Session> sessions,
            Map<SessionId, Sample> samples,
            boolean answers) {
        boolean tellsTheSame(Neighbour other) {
            return sessions.equals(other.sessions) && answers == other.answers;
        }
    }

    private record Learned(SocketAddress door, Session session, long until) {}

    private record Merged(View own, Map<SocketAddress, Neighbour> others, View view) {}

    public Neighbours(NodeId me, Views own, ScheduledExecutorService lookout, Peers peers, PeerCalls calls) {
        this.me = me;
        this.own = own;
        this.calls = calls;
        View first = own.current();
        this.last = new Merged(first, known, first);
        this.follower = Thread.ofVirtual().name("own-view").start(this::followOwn);
        this.publisher = Thread.ofVirtual().name("cluster-view").start(this::publish);
        this.followed = new EachDoor("neighbour", lookout, peers, this::follow, this::forget);
    }

    @Override
    public View current() {
        Merged present = last;
        if (present.own == own.current() && present.others == known) return present.view;
        return merge();
    }

    private synchronized View merge() {
        View mine = own.current();
        Map<SocketAddress, Neighbour> others = known;
        Merged before = last;
        if (before.own == mine && before.others == others) return before.view;
        boolean news = before.own.version() != mine.version() || !tellTheSame(before.others, others);
        Map<SessionId, Session> sessions = new HashMap<>();
        for (Neighbour other : others.values())
            other.sessions.forEach((id, told) -> sessions.merge(id, told, Neighbours::living));
        // what this node itself has is as its own agent says
        sessions.putAll(mine.sessions());
        Map<SessionId, Sample> samples = new HashMap<>();
        for (Neighbour other : others.values()) samples.putAll(other.samples);
        samples.putAll(mine.samples());
        View view = new View(
                before.view.version() + (news ? 1 : 0),
                Collections.unmodifiableMap(sessions), // nobody else has it, and a copy is dear
                Collections.unmodifiableMap(samples),
                mine.nodes(),
                mine.others());
        last = new Merged(mine, others, view);
        return view;
    }

    /// New samples alone are no news of sessions.
    private static boolean tellTheSame(Map<SocketAddress, Neighbour> before, Map<SocketAddress, Neighbour> now) {
        if (before == now) return true;
        if (!before.keySet().equals(now.keySet())) return false;
        return before.entrySet().stream().allMatch(each -> {
            Neighbour other = now.get(each.getKey());
            return other == each.getValue() || other != null && each.getValue().tellsTheSame(other);
        });
    }

    @Override
    public Feed<View> follow() {
        bringUpToDate();
        return board.follow();
    }

    private synchronized void bringUpToDate() {
        View now = current();
        if (now != board.current()) board.publish(now);
    }

    private void refresh() {
        if (news.availablePermits() == 0) news.release();
    }

    private void publish() {
        try {
            while (true) {
                news.acquire();
                news.drainPermits(); // what comes after this is in the next one
                bringUpToDate();
                Thread.sleep(BETWEEN_VIEWS);
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    /// The door of the other node that has a session; of a live one, where two tell of it.
    public Optional<SocketAddress> holding(SessionId id) {
        Optional<SocketAddress> ended = Optional.empty();
        for (Map.Entry<SocketAddress, Neighbour> other : known.entrySet()) {
            Session told = other.getValue().sessions.get(id);
            if (told == null) continue;
            if (told.state().isLive()) return Optional.of(other.getKey());
            ended = Optional.of(other.getKey());
        }
        return ended;
    }

    /// Machines that were cloned may tell of one session both; it lives on one of them at most.
    private static Session living(Session one, Session other) {
        return one.state().isLive() ? one : other;
    }

    /// Doors of other nodes that answer.
    public Set<SocketAddress> doors() {
        Set<SocketAddress> answering = new HashSet<>();
        known.forEach((door, other) -> {
            if (other.answers) answering.add(door);
        });
        return answering;
    }

    /// A session that was just begun there; the node's own news follow. What it told before the session was there may
    /// still arrive after this.
    void learn(SocketAddress door, NodeId node, Session session) {
        synchronized (this) {
            learned.put(session.id(), new Learned(door, session, System.nanoTime() + LEARNED_NANOS));
            Neighbour before = known.getOrDefault(door, new Neighbour(node, Map.of(), Map.of(), Map.of(), true));
            put(
                    door,
                    new Neighbour(
                            before.node, before.told, withLearned(door, before.told), before.samples, before.answers));
        }
        refresh();
    }

    /// @param told what the node itself told; that counts more
    private Map<SessionId, Session> withLearned(SocketAddress door, Map<SessionId, Session> told) {
        long now = System.nanoTime();
        learned.values().removeIf(one -> one.until - now < 0);
        Map<SessionId, Session> sessions = new HashMap<>(told);
        for (Learned one : learned.values())
            if (one.door.equals(door)) sessions.putIfAbsent(one.session.id(), one.session);
        return Map.copyOf(sessions);
    }

    private void put(SocketAddress door, Neighbour neighbour) {
        Map<SocketAddress, Neighbour> next = new HashMap<>(known);
        next.put(door, neighbour);
        known = Map.copyOf(next);
    }

    private interface Change {
        Neighbour of(Neighbour before);
    }

    private void update(SocketAddress door, Change change) {
        synchronized (this) {
            Neighbour before = known.get(door);
            if (before == null) return;
            put(door, change.of(before));
        }
        refresh();
    }

    private void followOwn() {
        try (Feed<View> views = own.follow()) {
            while (!views.ended()) {
                views.next(Duration.ofMinutes(1));
                refresh();
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void forget(SocketAddress door) {
        synchronized (this) {
            Map<SocketAddress, Neighbour> next = new HashMap<>(known);
            next.remove(door);
            known = Map.copyOf(next);
        }
        refresh();
    }

    private void follow(SocketAddress door) throws InterruptedException {
        Optional<String> mark = Optional.empty();
        boolean failing = false;
        Duration patience = Words.NEWS_PATIENCE.plusSeconds(5);
        long sampled = System.nanoTime() - SAMPLES_EVERY.toNanos();
        while (true) {
            try {
                Duration old = Duration.ofNanos(System.nanoTime() - sampled);
                boolean watched = hasSessions(door);
                boolean samples = watched && old.compareTo(SAMPLES_EVERY) >= 0;
                // those are told at once, with the news there are
                Duration wait = samples ? Duration.ZERO : watched ? SAMPLES_EVERY.minus(old) : Words.NEWS_PATIENCE;
                Words.Known news = calls.call(
                        door,
                        Words.SESSIONS,
                        new Words.AskSessions(mark.orElse(null), wait.toMillis(), samples),
                        Words.Known.class,
                        patience);
                NodeId node = new NodeId(news.nodeId());
                if (node.equals(me)) return; // our own door, in a list that is the same for all nodes
                if (mark.isEmpty()) log.info("neighbour answers door={} node_id={} node={}", door, node, news.node());
                failing = false;
                if (samples) sampled = System.nanoTime();
                if (samples || !news.mark().equals(mark.orElse(null))) hear(door, node, news);
                mark = Optional.of(news.mark());
                Thread.sleep(PAUSE);
            } catch (IOException | IllegalArgumentException unreached) {
                if (!failing) log.warn("neighbour silent door={} cause=\"{}\"", door, unreached.getMessage());
                failing = true;
                mark = Optional.empty();
                update(door, it -> new Neighbour(it.node, it.told, it.sessions, Map.of(), false));
                Thread.sleep(AFTER_FAILURE);
            }
        }
    }

    private boolean hasSessions(SocketAddress door) {
        Neighbour there = known.get(door);
        return there != null && !there.told.isEmpty();
    }

    private void hear(SocketAddress door, NodeId node, Words.Known news) {
        synchronized (this) {
            Neighbour before = known.get(door);
            Map<SessionId, Session> told = new HashMap<>();
            if (before != null && !news.whole()) told.putAll(before.told);
            for (String gone : news.gone()) told.remove(new SessionId(gone));
            for (Words.SessionWords words : news.sessions()) {
                Session session = Wire.session(words);
                told.put(session.id(), session);
            }
            if (told.size() > SESSIONS_MOST)
                throw new IllegalArgumentException("it tells of " + told.size() + " sessions");
            Map<SessionId, Sample> samples =
                    FarSamples.heard(news.samples(), before == null ? Map.of() : before.samples, told.keySet());
            put(door, new Neighbour(node, Map.copyOf(told), withLearned(door, told), samples, true));
        }
        refresh();
    }

    @Override
    public void close() {
        followed.close();
        follower.interrupt();
        publisher.interrupt();
        board.close();
    }
}
