package org.carrel.domain.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.carrel.domain.node.NodeState.Once;
import org.carrel.domain.session.SessionKey;

/// Those who wait for room on this node, in the order in which they began to wait, wherever that was. Who waits asks
/// again and again; who stays away stands in nobody's way any more, but keeps the place for a while.
///
/// Nobody gets room that one who has waited longer could use. Room that is too small for those before may be used by
/// those behind.
///
/// Immutable. Lost at a restart: the next question restores it, because it says how long its user has waited.
record Line(Map<Once, Waiter> waiters) {
    static final Line EMPTY = new Line(Map.of());
    /// Those who come when it is so long are not noted; they ask again.
    static final int MOST = 512;
    /// The place of who stays away.
    static final Duration KEPT = Duration.ofSeconds(60);
    /// Who comes later than promised by more than this stands in nobody's way.
    static final Duration LATE = Duration.ofMillis(600);

    private static final Duration AGAIN_MOST = Duration.ofSeconds(10);

    /// @param since      when it began to wait, by this node's clock
    /// @param freshUntil when it stops standing in the way of others
    record Waiter(Once once, Instant since, Resources demand, Instant freshUntil, Instant keptUntil) {}

    private static final Comparator<Waiter> OLDEST = Comparator.comparing(Waiter::since)
            .thenComparing(waiter -> waiter.once().id())
            .thenComparing(waiter -> waiter.once().key().toString());

    /// @param waited how long its user has waited up to now
    /// @param again  when it will ask again, at most 10 s
    Line asked(Once once, Resources demand, Duration waited, Duration again, Instant now) {
        Duration soon = again.compareTo(AGAIN_MOST) > 0 ? AGAIN_MOST : again;
        Map<Once, Waiter> next = new LinkedHashMap<>(waiters);
        next.values().removeIf(old -> !now.isBefore(old.keptUntil()));
        if (next.size() >= MOST && !next.containsKey(once)) return new Line(next);
        next.put(
                once,
                new Waiter(
                        once, since(once, waited, now), demand, now.plus(soon).plus(LATE), now.plus(KEPT)));
        return new Line(next);
    }

    Line without(Once once) {
        if (!waiters.containsKey(once)) return this;
        Map<Once, Waiter> next = new LinkedHashMap<>(waiters);
        next.remove(once);
        return new Line(next);
    }

    /// The key has its session: nobody waits for it any more.
    Line without(SessionKey key) {
        if (waiters.keySet().stream().noneMatch(once -> once.key().equals(key))) return this;
        Map<Once, Waiter> next = new LinkedHashMap<>(waiters);
        next.keySet().removeIf(once -> once.key().equals(key));
        return new Line(next);
    }

    /// When the wait of this one began: what was noted counts when it is longer.
    Instant since(Once once, Duration waited, Instant now) {
        Instant said = now.minus(waited);
        Waiter known = waiters.get(once);
        return known != null && known.since().isBefore(said) ? known.since() : said;
    }

    /// Those who still ask and have waited longer, one of each key: two clicks of one user need one place.
    List<Waiter> before(Once once, Instant since, Instant now) {
        List<Waiter> before = new ArrayList<>();
        for (Waiter other : waiters.values())
            if (now.isBefore(other.freshUntil())
                    && (other.since().isBefore(since)
                            || other.since().equals(since) && other.once().id().compareTo(once.id()) < 0))
                before.add(other);
        before.sort(OLDEST);
        Set<SessionKey> keys = new HashSet<>(Set.of(once.key()));
        before.removeIf(other -> !keys.add(other.once().key()));
        return before;
    }

    /// What is taken when all of those have got what fits, oldest first.
    static NodeLoad served(NodeLoad load, List<Waiter> before) {
        NodeLoad with = load;
        for (Waiter waiter : before) if (with.fits(waiter.demand())) with = with.plus(waiter.demand());
        return with;
    }
}
