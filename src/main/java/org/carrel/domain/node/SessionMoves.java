package org.carrel.domain.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.node.NodeState.Adopted;
import org.carrel.domain.node.NodeState.Entry;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState.Draining;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.domain.session.SessionState.Reserved;
import org.carrel.domain.session.SessionState.Starting;
import org.carrel.domain.session.Workload;

/// How the sessions of a node move on in one step: their launches, ends and deadlines, and the start gate. A working
/// copy, thrown away when the step is taken.
final class SessionMoves {
    private final NodeRules rules;
    private final Instant now;
    /// those of the state before, until one of them changes
    private Map<SessionId, Entry> entries;
    private boolean areCopied;
    private final List<NodeEffect> effects = new ArrayList<>();

    SessionMoves(NodeRules rules, Map<SessionId, Entry> before, Instant now) {
        this.rules = rules;
        this.now = now;
        this.entries = before;
    }

    Map<SessionId, Entry> entries() {
        return entries;
    }

    List<NodeEffect> effects() {
        return effects;
    }

    Optional<Session> session(SessionId id) {
        return Optional.ofNullable(entries.get(id)).map(Entry::session);
    }

    Optional<Session> liveOf(SessionKey key) {
        for (Entry entry : entries.values()) {
            Session session = entry.session();
            if (session.key().equals(key) && session.state().isLive()) return Optional.of(session);
        }
        return Optional.empty();
    }

    NodeLoad load() {
        Resources committed = Resources.NONE;
        int live = 0;
        int starting = 0;
        int queued = 0;
        for (Entry entry : entries.values()) {
            if (!entry.state().isLive()) continue;
            live++;
            committed = committed.plus(entry.session().demand());
            if (entry.state() instanceof Starting) starting++;
            if (entry.state() instanceof Reserved) queued++;
        }
        return new NodeLoad(rules.capacity(), committed, live, starting, queued);
    }

    /// Promises its capacity; it stands in line for its start.
    Session reserve(NodeEvent.Begin begin) {
        SessionId id = begin.fresh();
        if (entries.containsKey(id)) throw new IllegalStateException("the id " + id + " was given out twice");
        Reserved reserved = new Reserved(now.plus(rules.reservationLife()), 0);
        App app = begin.app();
        Session session = new Session(id, begin.key(), app.kind(), app.demand(), rules.node(), now, reserved);
        put(new Entry(session, app.startTimeout(), Optional.of(app), Optional.empty()));
        settle();
        return session(id).orElseThrow();
    }

    /// Whatever can move by itself does: the gate, the numbers in line, what is kept for too long.
    void settle() {
        if (load().queued() > 0) {
            openGate();
            renumberLine();
        }
        forgetSurplus();
    }

    void adopt(Adopted adopted) {
        Session session = adopted.session();
        put(new Entry(session, adopted.startTimeout(), Optional.empty(), Optional.empty()));
        switch (session.state()) {
            case Starting(var deadline, var workload) ->
                workload.ifPresent(found -> effects.add(new NodeEffect.Probe(session, found)));
            case Draining(var workload, var deadline, var because) ->
                effects.add(new NodeEffect.Stop(session, workload, false));
            case Ended ended -> effects.add(new NodeEffect.Clean(session, Optional.empty()));
            case Ready ready -> {}
            case Reserved reserved -> {}
        }
    }

    void launched(SessionId id, Workload workload) {
        Entry entry = entries.get(id);
        if (entry == null
                || !(entry.state() instanceof Starting starting)
                || starting.workload().isPresent()) {
            effects.add(new NodeEffect.Discard(id, workload));
            return;
        }
        Entry running = entry.in(starting.launched(workload));
        if (entry.doomed().isPresent()) drain(running, workload, entry.doomed().get());
        else {
            put(running);
            effects.add(new NodeEffect.Probe(running.session(), workload));
        }
    }

    void notLaunched(SessionId id, End why) {
        Entry entry = entries.get(id);
        if (entry != null
                && entry.state() instanceof Starting starting
                && starting.workload().isEmpty()) end(entry, entry.doomed().orElse(why), Optional.empty());
    }

    void answered(SessionId id) {
        Entry entry = entries.get(id);
        if (entry == null || !(entry.state() instanceof Starting starting)) return;
        starting.workload().ifPresent(workload -> {
            Entry ready = entry.in(starting.answered(workload));
            put(ready);
            effects.add(new NodeEffect.Keep(ready.session()));
        });
    }

    void stop(SessionId id, End because) {
        Entry entry = entries.get(id);
        if (entry == null) return;
        switch (entry.state()) {
            case Reserved reserved -> end(entry, because, Optional.empty());
            case Starting starting
            when starting.workload().isPresent() ->
                drain(entry, starting.workload().get(), because);
            // nobody knows yet what there is to stop: its launch will tell
            case Starting starting -> doom(entry, because);
            case Ready(var workload) -> drain(entry, workload, because);
            case Draining draining -> {}
            case Ended ended -> {}
        }
    }

    void gone(SessionId id, End how) {
        Entry entry = entries.get(id);
        if (entry == null) return;
        switch (entry.state()) {
            case Draining(var workload, var deadline, var because) -> end(entry, because, Optional.of(workload));
            case Starting(var deadline, var workload) when workload.isPresent() -> end(entry, how, workload);
            case Ready(var workload) -> end(entry, how, Optional.of(workload));
            case Starting starting -> {}
            case Reserved reserved -> {}
            case Ended ended -> {}
        }
    }

    private void doom(Entry entry, End because) {
        if (entry.doomed().isPresent()) return;
        Starting waiting = new Starting(now.plus(rules.launchGrace()), Optional.empty());
        Session session = entry.session().in(waiting);
        put(new Entry(session, entry.startTimeout(), entry.app(), Optional.of(because)));
    }

    private void drain(Entry entry, Workload workload, End because) {
        Entry draining = entry.in(new Draining(workload, now.plus(rules.stopPatience()), because));
        put(draining);
        effects.add(new NodeEffect.Stop(draining.session(), workload, false));
    }

    private void end(Entry entry, End end, Optional<Workload> workload) {
        Entry ended = entry.in(new Ended(end, now));
        put(ended);
        effects.add(new NodeEffect.Clean(ended.session(), workload));
    }

    void passTime() {
        for (Entry entry : List.copyOf(entries.values())) {
            switch (entry.state()) {
                case Reserved(var expires, var ahead) -> {
                    if (isPast(expires)) end(entry, expired(ahead), Optional.empty());
                }
                case Starting(var deadline, var workload) -> {
                    // the prober knows better why; this is for a prober that never came back
                    boolean prober = workload.isPresent();
                    if (isPast(prober ? deadline.plus(rules.launchGrace()) : deadline)) overdue(entry, workload);
                }
                case Ready ready -> {}
                case Draining(var workload, var deadline, var because) -> {
                    if (isPast(deadline)) stopHarder(entry, workload, because);
                }
                case Ended(var end, var at) -> {
                    if (isPast(at.plus(rules.endedKept())))
                        forget(entry.session().id());
                }
            }
        }
    }

    private End expired(int ahead) {
        return new End.Failed(
                "its turn to start did not come within " + shown(rules.reservationLife()) + ": "
                        + (ahead == 0 ? "the starts before it took too long" : ahead + " others were still before it")
                        + "; try again later",
                List.of());
    }

    private void overdue(Entry entry, Optional<Workload> workload) {
        End late = new End.Failed("not ready in " + shown(entry.startTimeout()), List.of());
        if (workload.isPresent()) drain(entry, workload.get(), late);
        else if (entry.doomed().isPresent()) end(entry, entry.doomed().get(), Optional.empty());
        else doom(entry, late);
    }

    /// It counts as running until it is known not to: saying "ended" earlier would over-commit the node.
    private void stopHarder(Entry entry, Workload workload, End because) {
        Entry again = entry.in(new Draining(workload, now.plus(rules.stopPatience()), because));
        put(again);
        effects.add(new NodeEffect.Stop(again.session(), workload, true));
    }

    private void openGate() {
        int free = rules.capacity().starts() - load().starting();
        for (Entry entry : List.copyOf(entries.values())) {
            if (free <= 0) return;
            if (!(entry.state() instanceof Reserved reserved) || entry.app().isEmpty()) continue;
            Entry starting = entry.in(reserved.start(now.plus(entry.startTimeout())));
            put(starting);
            effects.add(new NodeEffect.Launch(starting.session(), entry.app().get()));
            free--;
        }
    }

    private void renumberLine() {
        int ahead = 0;
        for (Entry entry : List.copyOf(entries.values())) {
            if (!(entry.state() instanceof Reserved(var expires, var said))) continue;
            if (said != ahead) put(entry.in(new Reserved(expires, ahead)));
            ahead++;
        }
    }

    private void forgetSurplus() {
        int ended = 0;
        for (Entry entry : entries.values()) if (entry.state() instanceof Ended) ended++;
        if (ended <= rules.endedMost()) return;
        entries.values().stream()
                .filter(entry -> entry.state() instanceof Ended)
                .sorted(Comparator.comparing(entry -> ((Ended) entry.state()).at()))
                .limit(ended - rules.endedMost())
                .map(entry -> entry.session().id())
                .toList()
                .forEach(this::forget);
    }

    private void forget(SessionId id) {
        own().remove(id);
        effects.add(new NodeEffect.Forget(id));
    }

    private void put(Entry entry) {
        own().put(entry.session().id(), entry);
    }

    /// Most steps change no session: the map is copied when the first one does.
    private Map<SessionId, Entry> own() {
        if (!areCopied) entries = new LinkedHashMap<>(entries);
        areCopied = true;
        return entries;
    }

    private boolean isPast(Instant moment) {
        return !now.isBefore(moment);
    }

    private static String shown(Duration duration) {
        return duration.toSeconds() % 60 == 0 && duration.toMinutes() > 1
                ? duration.toMinutes() + " min"
                : duration.toSeconds() + " s";
    }
}
