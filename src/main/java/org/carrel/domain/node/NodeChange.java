package org.carrel.domain.node;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeState.Adopted;
import org.carrel.domain.node.NodeState.Entry;
import org.carrel.domain.node.NodeState.Once;
import org.carrel.domain.node.NodeState.Step;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState.Ready;

/// One step of a node: a working copy of its state, thrown away when the step is taken.
final class NodeChange {
    private final NodeRules rules;
    private final long epoch;
    private final Instant now;
    private final SessionMoves sessions;
    /// the maps of the state before, until there is something to change
    private Map<Once, SessionId> once;
    private Set<Once> withdrawn;
    private Turns turns;
    private Line line;
    private boolean draining;
    private NodeAnswer answer = new NodeAnswer.Nothing();

    NodeChange(NodeState before, Instant now) {
        this.rules = before.rules;
        this.epoch = before.epoch();
        this.now = now;
        this.sessions = new SessionMoves(before.rules, before.entries, now);
        this.once = before.once;
        this.withdrawn = before.withdrawn;
        this.turns = before.turns;
        this.line = before.line;
        this.draining = before.draining();
    }

    void apply(NodeEvent event) {
        // what time has undone counts before what is asked now
        sessions.passTime();
        switch (event) {
            case NodeEvent.Begin begin -> answer = begin(begin, Duration.ZERO);
            case NodeEvent.Ask ask -> answer = look(ask);
            case NodeEvent.Reserve reserve -> answer = reserve(reserve);
            case NodeEvent.Withdraw withdraw -> answer = withdraw(withdraw);
            case NodeEvent.Launched(var id, var workload) -> sessions.launched(id, workload);
            case NodeEvent.NotLaunched(var id, var why) -> sessions.notLaunched(id, why);
            case NodeEvent.Answered(var id) -> sessions.answered(id);
            case NodeEvent.NeverAnswered(var id, var why) -> sessions.stop(id, why);
            case NodeEvent.Gone(var id, var how) -> sessions.gone(id, how);
            case NodeEvent.Stop(var id, var because) -> {
                sessions.stop(id, because);
                answer = new NodeAnswer.Now(sessions.session(id));
            }
            case NodeEvent.Extend(var id, var by) ->
                answer = new NodeAnswer.Now(sessions.session(id)
                        .filter(session ->
                                session.owner().equals(by) && session.state().isLive()));
            case NodeEvent.Drain(var on) -> draining = on;
            case NodeEvent.Tick() -> {}
        }
    }

    void adopt(Adopted adopted) {
        sessions.adopt(adopted);
    }

    Step step() {
        sessions.settle();
        return new Step(
                new NodeState(rules, epoch, sessions.entries(), once, withdrawn, turns, line, draining),
                answer,
                sessions.effects());
    }

    private NodeAnswer begin(NodeEvent.Begin begin, Duration waited) {
        Once request = new Once(begin.key(), begin.once());
        Optional<Session> before = grantedTo(request);
        if (before.isPresent()) return new NodeAnswer.Granted(before.get());
        Optional<Session> live = sessions.liveOf(begin.key());
        if (live.isPresent()) return new NodeAnswer.Existing(live.get());
        if (withdrawn.contains(request)) return new NodeAnswer.Withdrawn();
        if (draining) return new NodeAnswer.Draining();
        Resources demand = begin.app().demand();
        Optional<String> never = Shortage.forEver(rules, demand);
        if (never.isPresent()) return new NodeAnswer.Impossible(never.get());
        NodeLoad load = sessions.load();
        Optional<String> shortage = Shortage.of(rules, demand, load).or(() -> heldForOthers(request, demand, waited));
        if (shortage.isPresent()) return new NodeAnswer.Full(shortage.get(), rules.retryAfter());
        return grant(begin, request);
    }

    private Optional<String> heldForOthers(Once request, Resources demand, Duration waited) {
        List<Line.Waiter> before = before(request, waited);
        if (hasRoom(demand, before)) return Optional.empty();
        int ahead = before.size();
        return Optional.of("what is free on " + rules.node() + " goes to " + ahead
                + (ahead == 1 ? " user who has" : " users who have") + " waited longer");
    }

    private NodeAnswer grant(NodeEvent.Begin begin, Once request) {
        Session session = sessions.reserve(begin);
        line = line.without(begin.key());
        Map<Once, SessionId> more = new LinkedHashMap<>(once);
        more.put(request, session.id());
        if (more.size() > NodeState.ONCE_MOST)
            more.remove(more.keySet().iterator().next());
        once = more;
        return new NodeAnswer.Granted(session);
    }

    private NodeAnswer look(NodeEvent.Ask ask) {
        Once request = new Once(ask.key(), ask.once());
        Optional<Turn> later = turns.laterThan(ask.turn(), ask.key(), now);
        boolean contested = turns.isContested(ask.key(), ask.asker(), ask.turn(), now);
        turns = turns.with(ask.key(), ask.asker(), ask.turn(), now);
        boolean calledOff = withdrawn.contains(request);
        Optional<Session> holds = sessions.liveOf(ask.key()).or(() -> grantedTo(request));
        if (!calledOff && holds.isEmpty())
            ask.waited().ifPresent(waited -> line = line.asked(request, ask.demand(), waited, ask.again(), now));
        List<Line.Waiter> before = before(request, ask.waited().orElse(Duration.ZERO));
        return new NodeAnswer.Report(
                sessions.load(),
                epoch,
                draining,
                holds,
                later,
                contested,
                hasRoom(ask.demand(), before),
                before.size(),
                calledOff,
                Optional.empty());
    }

    private NodeAnswer reserve(NodeEvent.Reserve reserve) {
        SessionKey key = reserve.begin().key();
        // what was granted or runs is told whatever the turn
        if (grantedTo(new Once(key, reserve.begin().once())).isEmpty()
                && sessions.liveOf(key).isEmpty()) {
            if (reserve.epoch() != epoch) return new NodeAnswer.Restarted(epoch);
            Optional<Turn> later = turns.laterThan(reserve.turn(), key, now);
            if (later.isPresent()) return new NodeAnswer.Superseded(later.get());
        }
        return begin(reserve.begin(), reserve.waited());
    }

    private NodeAnswer withdraw(NodeEvent.Withdraw withdraw) {
        Once request = new Once(withdraw.key(), withdraw.once());
        line = line.without(request);
        if (withdraw.extent() == NodeEvent.Extent.SERVED) line = line.without(withdraw.key());
        if (!withdraw.extent().callsOff()) return new NodeAnswer.Withdrawn();
        Set<Once> more = new LinkedHashSet<>(withdrawn);
        more.add(request);
        if (more.size() > NodeState.ONCE_MOST) more.remove(more.iterator().next());
        withdrawn = more;
        boolean readyToo = withdraw.extent() == NodeEvent.Extent.ALL;
        grantedTo(request)
                .filter(session -> readyToo || !(session.state() instanceof Ready))
                .ifPresent(session -> sessions.stop(session.id(), withdraw.because()));
        return new NodeAnswer.Withdrawn();
    }

    /// Whether it fits beside what those take who have waited longer.
    private boolean hasRoom(Resources demand, List<Line.Waiter> before) {
        return Line.served(sessions.load(), before).fits(demand);
    }

    private List<Line.Waiter> before(Once request, Duration waited) {
        return line.before(request, line.since(request, waited, now), now);
    }

    private Optional<Session> grantedTo(Once request) {
        return Optional.ofNullable(once.get(request))
                .map(sessions.entries()::get)
                .map(Entry::session);
    }
}
