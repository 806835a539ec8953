package org.carrel.domain.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.session.SessionKey;

/// The latest turn seen of each key. Whoever asks with a turn learns of every session that was begun before; whoever
/// still holds an earlier turn begins nothing here any more. So two askers who know nothing of each other can't both
/// begin, as long as each was answered by the node the other one chose (the first phase of Paxos: Lamport, "Paxos Made
/// Simple", 2.2).
///
/// Where the other one's node was silent, only those tell of it who were asked by both: see `isContested`.
///
/// Immutable. Lost at a restart; then the epoch stands in.
record Turns(Map<SessionKey, Seen> seen) {
    static final Turns NONE = new Turns(Map.of());
    /// Keys remembered; when there are more, the longest unasked go first.
    static final int KEYS_MOST = 1024;
    /// No message is under way for longer, and no asker reserves later than 3 s after its turn began.
    static final Duration KEPT = Duration.ofSeconds(60);

    /// Askers remembered of one key; the one that was heard longest ago goes first.
    static final int ASKERS_MOST = 4;

    /// @param turn  the latest
    /// @param until it is remembered
    /// @param asked the latest turn of each asker, the latest heard at the end
    record Seen(Turn turn, Instant until, List<Asked> asked) {}

    record Asked(String asker, Turn turn, Instant until) {}

    Optional<Turn> laterThan(Turn turn, SessionKey key, Instant now) {
        return Optional.ofNullable(seen.get(key))
                .filter(latest -> now.isBefore(latest.until()))
                .map(Seen::turn)
                .filter(latest -> latest.compareTo(turn) > 0);
    }

    /// Whether somebody else asked lately with a turn of another registrar, or of this one before it forgot. The
    /// asker's
    /// own registrar knows nothing of what came of it.
    boolean isContested(SessionKey key, String asker, Turn turn, Instant now) {
        Seen known = seen.get(key);
        return known != null
                && known.asked().stream()
                        .filter(asked -> now.isBefore(asked.until()))
                        .filter(asked -> !asked.asker().equals(asker))
                        .anyMatch(asked -> !asked.turn().by().equals(turn.by())
                                || asked.turn().epoch() != turn.epoch());
    }

    Turns with(SessionKey key, String asker, Turn turn, Instant now) {
        if (laterThan(turn, key, now).isPresent()) return this;
        List<Asked> asked =
                new ArrayList<>(seen.containsKey(key) ? seen.get(key).asked() : List.of());
        asked.removeIf(one -> one.asker().equals(asker) || !now.isBefore(one.until()));
        if (asked.size() >= ASKERS_MOST) asked.removeFirst();
        asked.add(new Asked(asker, turn, now.plus(KEPT)));
        Map<SessionKey, Seen> next = new LinkedHashMap<>(seen);
        next.remove(key);
        next.put(key, new Seen(turn, now.plus(KEPT), List.copyOf(asked)));
        // in the order in which they run out
        for (Iterator<Seen> oldest = next.values().iterator(); oldest.hasNext(); ) {
            boolean isPast = !now.isBefore(oldest.next().until());
            if (!isPast && next.size() <= KEYS_MOST) break;
            oldest.remove();
        }
        return new Turns(next);
    }
}
