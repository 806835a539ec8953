package org.carrel.domain.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.session.SessionKey;

/// The latest turn seen of each key. Whoever asks with a turn learns of every session that was begun before; whoever
/// still holds an earlier turn begins nothing here any more. So two askers who know nothing of each other can't both
/// begin, as long as each was answered by the node the other one chose (the first phase of Paxos: Lamport, "Paxos Made
/// Simple", 2.2).
///
/// Immutable. Lost at a restart; then the epoch stands in.
record Turns(Map<SessionKey, Seen> seen) {
    static final Turns NONE = new Turns(Map.of());
    /// Keys remembered; when there are more, the longest unasked go first.
    static final int KEYS_MOST = 1024;
    /// No message is under way for longer, and no asker reserves later than 3 s after its turn began.
    static final Duration KEPT = Duration.ofSeconds(60);

    record Seen(Turn turn, Instant until) {}

    Optional<Turn> laterThan(Turn turn, SessionKey key, Instant now) {
        return Optional.ofNullable(seen.get(key))
                .filter(latest -> now.isBefore(latest.until()))
                .map(Seen::turn)
                .filter(latest -> latest.compareTo(turn) > 0);
    }

    Turns with(SessionKey key, Turn turn, Instant now) {
        if (laterThan(turn, key, now).isPresent()) return this;
        Map<SessionKey, Seen> next = new LinkedHashMap<>(seen);
        next.remove(key);
        next.put(key, new Seen(turn, now.plus(KEPT)));
        // in the order in which they run out
        for (Iterator<Seen> oldest = next.values().iterator(); oldest.hasNext(); ) {
            boolean isPast = !now.isBefore(oldest.next().until());
            if (!isPast && next.size() <= KEYS_MOST) break;
            oldest.remove();
        }
        return new Turns(next);
    }
}
