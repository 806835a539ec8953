package org.carrel.domain.place;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Turn;
import org.carrel.domain.session.SessionKey;

/// Lets the begins of one key happen one after the other: a double click finds what the first click began. Every node
/// is registrar for its share of the keys (`Roster.registrar`), whatever it can run.
///
/// It promises no more than order. That no key is begun twice rests on the nodes that are asked (`Turns`); without the
/// registrar two clicks would only hinder each other for longer.
///
/// Immutable, kept in memory only: a registrar that restarts has a new epoch and has forgotten.
public final class Registrar {
    /// A turn ends by itself.
    public static final Duration TURN_LIFE = Duration.ofSeconds(3);
    /// How long it is known what came of a turn: longer than news of a session needs to be in every view.
    static final Duration REMEMBERED = Duration.ofSeconds(60);
    /// When to ask again while it is another's turn.
    static final Duration AGAIN = Duration.ofMillis(100);
    /// Keys kept at once, about 2 MiB.
    static final int KEYS_MOST = 4096;

    /// @param after     of the call that got the turn
    /// @param running   a turn that has not been ended; it may have run out
    /// @param until     when the turn runs out, or when its outcome is forgotten
    private record Entry(
            String asker,
            long after,
            Turn turn,
            boolean running,
            Instant until,
            Optional<NodeName> holder,
            boolean unsettled) {
        boolean isTurnOf(Instant now) {
            return running && now.isBefore(until);
        }

        /// Whether this is a copy, late on its way, of the call that got a turn which is ended. Who asks for another
        /// one
        /// knows the number of the last.
        boolean isEnded(TurnCall.Take take) {
            return !running && asker.equals(take.asker()) && after == take.after();
        }

        boolean mayGo(Instant now) {
            return !running && !now.isBefore(until) || running && !now.isBefore(until.plus(REMEMBERED));
        }
    }

    public record Step(Registrar next, TurnAnswer answer) {}

    private final NodeName node;
    private final long epoch;
    private final long last;
    private final Map<SessionKey, Entry> entries;

    private Registrar(NodeName node, long epoch, long last, Map<SessionKey, Entry> entries) {
        this.node = node;
        this.epoch = epoch;
        this.last = last;
        this.entries = Collections.unmodifiableMap(entries);
    }

    /// @param epoch of the node: rises at each of its starts
    public static Registrar of(NodeName node, long epoch) {
        return new Registrar(node, epoch, 0, new LinkedHashMap<>());
    }

    /// @param now by a steady clock
    public Step on(TurnCall call, Instant now) {
        return switch (call) {
            case TurnCall.Take take -> take(take, now);
            case TurnCall.End end -> end(end, now);
        };
    }

    /// @return keys it keeps
    public int size() {
        return entries.size();
    }

    private Step take(TurnCall.Take take, Instant now) {
        Entry entry = entries.get(take.key());
        if (entry != null && entry.isTurnOf(now)) {
            Duration left = Duration.between(now, entry.until());
            if (!entry.asker().equals(take.asker()))
                return new Step(this, new TurnAnswer.Others(left.compareTo(AGAIN) < 0 ? left : AGAIN));
            if (entry.turn().number() > take.after()) return new Step(this, yours(entry, left));
        }
        // nobody waits for this one: given out, it would keep others waiting until it ran out
        if (entry != null && entry.isEnded(take)) return new Step(this, new TurnAnswer.Noted());
        return give(take, Optional.ofNullable(entry), now);
    }

    private Step give(TurnCall.Take take, Optional<Entry> before, Instant now) {
        Map<SessionKey, Entry> next = new LinkedHashMap<>(entries);
        next.values().removeIf(old -> old.mayGo(now));
        Optional<Entry> known = before.filter(entry -> !entry.mayGo(now));
        next.remove(take.key());
        if (next.size() >= KEYS_MOST && !makeRoom(next)) return new Step(this, new TurnAnswer.Crowded(AGAIN));
        long number = Math.max(last, take.after()) + 1;
        Entry given = new Entry(
                take.asker(),
                take.after(),
                new Turn(number, node, epoch),
                true,
                now.plus(TURN_LIFE),
                known.flatMap(Entry::holder),
                known.filter(entry -> leavesDoubt(entry, take.asker())).isPresent());
        next.put(take.key(), given);
        return new Step(new Registrar(node, epoch, number, next), yours(given, TURN_LIFE));
    }

    /// What an asker's own earlier turn came to, it knows itself.
    private static boolean leavesDoubt(Entry before, String asker) {
        return before.unsettled() || before.running() && !before.asker().equals(asker);
    }

    /// The outcome that was known longest goes.
    private static boolean makeRoom(Map<SessionKey, Entry> entries) {
        Optional<SessionKey> oldest = entries.entrySet().stream()
                .filter(entry -> !entry.getValue().running())
                .map(Map.Entry::getKey)
                .findFirst();
        oldest.ifPresent(entries::remove);
        return oldest.isPresent();
    }

    private Step end(TurnCall.End end, Instant now) {
        Entry entry = entries.get(end.key());
        if (entry == null || !entry.running() || !entry.turn().equals(end.turn()))
            return new Step(this, new TurnAnswer.Noted());
        Entry ended = new Entry(
                entry.asker(),
                entry.after(),
                entry.turn(),
                false,
                now.plus(REMEMBERED),
                end.at().or(entry::holder),
                end.at().isEmpty() && entry.unsettled());
        Map<SessionKey, Entry> next = new LinkedHashMap<>(entries);
        next.remove(end.key());
        next.put(end.key(), ended);
        return new Step(new Registrar(node, epoch, last, next), new TurnAnswer.Noted());
    }

    private static TurnAnswer.Yours yours(Entry entry, Duration left) {
        return new TurnAnswer.Yours(entry.turn(), left, entry.holder(), entry.unsettled());
    }
}
