package org.carrel.agent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeEffect;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeState;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.port.NodeFacts;
import org.carrel.port.Sample;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that decides about this node's sessions, and its mailbox. It never does I/O: effects go to whoever
/// carries them out. An answer is given only after the view that shows it was published.
final class Authority implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Authority.class);
    private static final int MAIL_MOST = 1024;
    private static final Duration ROOM_PATIENCE = Duration.ofMillis(500);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofMillis(200);
    /// while nothing lives whose time could run out
    private static final Duration REST = Duration.ofSeconds(1);

    private record Mail(NodeEvent event, CompletableFuture<NodeAnswer> reply) {}

    private record Due(CompletableFuture<NodeAnswer> reply, NodeAnswer answer) {}

    private final InstantSource time;
    private final ViewBoard board;
    private final Consumer<NodeEffect> effects;
    private final Function<NodeState, NodeFacts> facts;
    private final BlockingQueue<Mail> mail = new ArrayBlockingQueue<>(MAIL_MOST);
    private final Thread thread;
    private volatile Map<SessionId, Sample> samples = Map.of();
    private volatile boolean refresh;
    private volatile boolean closed;
    private NodeState state;
    private long version;

    /// @param effects called on the mailbox's thread; must not block
    /// @param facts   likewise
    Authority(
            NodeState start,
            InstantSource time,
            ViewBoard board,
            Consumer<NodeEffect> effects,
            Function<NodeState, NodeFacts> facts) {
        this.state = start;
        this.time = time;
        this.board = board;
        this.effects = effects;
        this.facts = facts;
        this.thread = Thread.ofVirtual().name("agent mailbox").unstarted(this::run);
    }

    /// @param first what is to be done before anything is asked
    void open(List<NodeEffect> first) {
        publish();
        first.forEach(effects);
        thread.start();
    }

    /// @return empty when the mailbox is full, or too slow: nothing was decided that the asker may rely on
    Optional<NodeAnswer> ask(NodeEvent event) throws InterruptedException {
        Mail letter = new Mail(event, new CompletableFuture<>());
        if (closed || !mail.offer(letter, ROOM_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) return Optional.empty();
        try {
            return Optional.of(letter.reply().get(ANSWER_PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /// For reports, which must not be lost: waits for room.
    void tell(NodeEvent event) throws InterruptedException {
        mail.put(new Mail(event, new CompletableFuture<>()));
    }

    /// New samples: shown with the next view, at the latest after one tick.
    void observed(Map<SessionId, Sample> newest) {
        samples = Map.copyOf(newest);
        refresh = true;
    }

    /// New facts of the node, likewise.
    void refresh() {
        refresh = true;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Mail letter : mail) letter.reply().cancel(false);
    }

    private void run() {
        List<Mail> batch = new ArrayList<>();
        List<Due> due = new ArrayList<>();
        while (!closed) {
            try {
                Mail first = mail.poll(untilTick().toMillis(), TimeUnit.MILLISECONDS);
                batch.add(first != null ? first : new Mail(new NodeEvent.Tick(), new CompletableFuture<>()));
                mail.drainTo(batch);
            } catch (InterruptedException e) {
                return;
            }
            NodeState before = state;
            for (Mail letter : batch) decide(letter, due);
            if (isNews(before, state) || refresh) publish();
            for (Due answer : due) answer.reply().complete(answer.answer());
            batch.clear();
            due.clear();
        }
    }

    private Duration untilTick() {
        return state.sessions().stream().anyMatch(session -> session.state().isLive()) ? TICK : REST;
    }

    private void decide(Mail letter, List<Due> due) {
        try {
            Instant now = time.instant();
            NodeState.Step step = state.on(letter.event(), now);
            state = step.next();
            due.add(new Due(letter.reply(), step.answer()));
            step.effects().forEach(effects);
        } catch (RuntimeException e) {
            // a bug; the state before stands and the node goes on
            log.error("event failed event={}", letter.event(), e);
            letter.reply().completeExceptionally(e);
        }
    }

    private static boolean isNews(NodeState before, NodeState after) {
        return before.draining() != after.draining() || !before.sessions().equals(after.sessions());
    }

    private void publish() {
        View shown = board.current();
        Map<SessionId, Session> sessions =
                state.sessions().stream().collect(Collectors.toUnmodifiableMap(Session::id, session -> session));
        refresh = false; // before the facts are read: what comes later is shown by the next one
        NodeFacts node = facts.apply(state);
        boolean news = shown == View.EMPTY
                || !shown.sessions().equals(sessions)
                || shown.nodes().stream()
                        .anyMatch(other -> other.draining() != node.draining()
                                || !other.metadata().equals(node.metadata()));
        if (news) version++;
        board.publish(new View(version, sessions, samples, List.of(node)));
    }
}
