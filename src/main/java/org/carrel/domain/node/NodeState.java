package org.carrel.domain.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.App;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Reserved;
import org.carrel.domain.session.SessionState.Starting;

/// All a node decides about its sessions: capacity, uniqueness of keys, the line in front of the starts, ends.
///
/// Immutable: an event and the time give the next state, an answer and the effects to carry out.
/// ```
///            gate opens          Launched, Answered        Stop, NeverAnswered           Gone
/// Reserved -------------> Starting ---------------> Ready ---------------------> Draining ----> Ended -> forgotten
///    +-- Stop, expired ------+-- NotLaunched, Gone ----+-- Gone ---------------------------------^
/// ```
/// Held after every event (see `NodeStateTest`): what is reserved, starting, ready and draining together fits into the
/// capacity, as far as it was granted here; no key has two live sessions; at most `capacity.starts()` start at once,
/// first come first served; an end is final.
///
/// Other nodes place sessions here in two steps: they ask (`NodeEvent.Ask`), and reserve on what they were told
/// (`NodeEvent.Reserve`). What they were told may have changed since; then the answer says so.
public final class NodeState {
    /// Request ids remembered, and as many withdrawn ones; about a quarter of a megabyte each.
    static final int ONCE_MOST = 1024;

    /// @param startTimeout from launch to the first true answer
    /// @param app          what to launch; empty when that was done before this program started
    /// @param doomed       it is to end of this as soon as its launch has reported
    record Entry(Session session, Duration startTimeout, Optional<App> app, Optional<End> doomed) {
        Entry in(SessionState state) {
            return new Entry(session.in(state), startTimeout, app, doomed);
        }

        SessionState state() {
            return session.state();
        }
    }

    /// A request id counts only together with its key, so that nobody can learn of another's session by guessing it.
    record Once(SessionKey key, String id) {}

    /// A session found at the start of the program.
    public record Adopted(Session session, Duration startTimeout) {}

    /// @param answer to whoever caused the event
    public record Step(NodeState next, NodeAnswer answer, List<NodeEffect> effects) {
        public Step {
            effects = List.copyOf(effects);
        }
    }

    final NodeRules rules;
    /// in the order of their reservations
    final Map<SessionId, Entry> entries;
    final Map<Once, SessionId> once;
    /// requests that are not to begin anything here any more
    final Set<Once> withdrawn;
    final Turns turns;
    final Line line;
    private final long epoch;
    private final boolean draining;

    NodeState(
            NodeRules rules,
            long epoch,
            Map<SessionId, Entry> entries,
            Map<Once, SessionId> once,
            Set<Once> withdrawn,
            Turns turns,
            Line line,
            boolean draining) {
        this.rules = rules;
        this.epoch = epoch;
        this.entries = Collections.unmodifiableMap(entries);
        this.once = Collections.unmodifiableMap(once);
        this.withdrawn = Collections.unmodifiableSet(withdrawn);
        this.turns = turns;
        this.line = line;
        this.draining = draining;
    }

    /// @param epoch rises at each start of the node: what was promised in an earlier one is void
    public static NodeState empty(NodeRules rules, long epoch) {
        return new NodeState(
                rules,
                epoch,
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashSet<>(),
                Turns.NONE,
                Line.EMPTY,
                false);
    }

    /// The state at the start of the program, and what has to go on: probes, stops, cleaning. Capacity doesn't refuse
    /// what already runs.
    public static Step adopting(NodeRules rules, long epoch, List<Adopted> found, Instant now) {
        NodeChange change = new NodeChange(empty(rules, epoch), now);
        found.forEach(change::adopt);
        return change.step();
    }

    public Step on(NodeEvent event, Instant now) {
        NodeChange change = new NodeChange(this, now);
        change.apply(event);
        return change.step();
    }

    public Optional<Session> session(SessionId id) {
        return Optional.ofNullable(entries.get(id)).map(Entry::session);
    }

    /// live ones and those that ended lately, oldest first
    public List<Session> sessions() {
        return entries.values().stream().map(Entry::session).toList();
    }

    /// What live sessions are counted with.
    public Resources committed() {
        return entries.values().stream()
                .map(Entry::session)
                .filter(session -> session.state().isLive())
                .map(Session::demand)
                .reduce(Resources.NONE, Resources::plus);
    }

    public int live() {
        int live = 0;
        for (Entry entry : entries.values()) if (entry.state().isLive()) live++;
        return live;
    }

    public int starting() {
        return count(Starting.class);
    }

    /// reserved sessions that wait for their turn
    public int queued() {
        return count(Reserved.class);
    }

    public int ended() {
        return count(Ended.class);
    }

    public NodeLoad load() {
        return new NodeLoad(rules.capacity(), committed(), live(), starting(), queued());
    }

    public long epoch() {
        return epoch;
    }

    public boolean draining() {
        return draining;
    }

    private int count(Class<? extends SessionState> state) {
        return (int) entries.values().stream()
                .filter(entry -> state.isInstance(entry.state()))
                .count();
    }
}
