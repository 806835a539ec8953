package org.carrel.face.maat;

import static org.carrel.domain.Require.require;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Users on their way: registered when a balancer sends one here, gone when a process of theirs appears that is newer,
/// or when their life is over. One process answers all older requests of its user. Pure: knows no clock; not for
/// several threads at once.
final class Requests {
    static final int MOST = 10_000;
    static final int MOST_OF_USER = 100;
    /// a count as far as this from the present one is too old to decide by
    static final int TOO_FAR = 3;
    /// to what a process's creation is known: a tick of the kernel and one of the uptime
    static final Duration PRECISION = Duration.ofMillis(20);

    /// @param processesPerUser at most, requests counted with them; 1 to 1000
    /// @param life             of a request
    record Rules(int processesPerUser, Duration life) {
        Rules {
            require(processesPerUser >= 1 && processesPerUser <= 1_000, "processes per user: " + processesPerUser);
            require(life.isPositive(), "requests must live for some time");
        }
    }

    enum Answer {
        GRANTED,
        /// the user has the most processes and requests already
        AT_MAXIMUM,
        /// what the balancer knows is `TOO_FAR` from what is
        STALE,
        /// a bound of this program, which holds for forced requests too
        CROWDED
    }

    private final Rules rules;
    private final SortedMap<String, List<Instant>> alive = new TreeMap<>();
    private Instant changed = Instant.EPOCH;

    Requests(Rules rules) {
        this.rules = rules;
    }

    /// Registers, when the answer is `GRANTED`.
    /// @param known     processes and requests together, as the balancer knows them
    /// @param forced    without looking at the user's maximum and at `known`
    /// @param processes creations, by user
    Answer ask(String user, long known, boolean forced, Map<String, List<Instant>> processes, Instant now) {
        forget(processes, now);
        int requested = alive.getOrDefault(user, List.of()).size();
        if (!forced) {
            int running = processes.getOrDefault(user, List.of()).size();
            if (requested + running >= rules.processesPerUser()) return Answer.AT_MAXIMUM;
            long present = count() + count(processes);
            if (known <= present - TOO_FAR || known >= present + TOO_FAR) return Answer.STALE;
        }
        if (requested >= MOST_OF_USER || count() >= MOST) return Answer.CROWDED;
        alive.computeIfAbsent(user, _ -> new ArrayList<>()).add(now);
        changed = now;
        return Answer.GRANTED;
    }

    /// Lets go of those that are answered or too old.
    void forget(Map<String, List<Instant>> processes, Instant now) {
        for (Iterator<Map.Entry<String, List<Instant>>> users = alive.entrySet().iterator(); users.hasNext(); ) {
            Map.Entry<String, List<Instant>> user = users.next();
            List<Instant> created = processes.getOrDefault(user.getKey(), List.of());
            boolean some = user.getValue().removeIf(asked -> isOver(asked, created, now));
            if (some) changed = now;
            if (user.getValue().isEmpty()) users.remove();
        }
    }

    private boolean isOver(Instant asked, List<Instant> created, Instant now) {
        if (!now.isBefore(asked.plus(rules.life()))) return true;
        // a clock that was set back must not keep it for ever
        if (asked.isAfter(now.plus(rules.life()))) return true;
        return created.stream().anyMatch(at -> !at.plus(PRECISION).isBefore(asked));
    }

    int count() {
        return alive.values().stream().mapToInt(List::size).sum();
    }

    static int count(Map<String, List<Instant>> processes) {
        return processes.values().stream().mapToInt(List::size).sum();
    }

    /// by user; a copy
    SortedMap<String, List<Instant>> alive() {
        SortedMap<String, List<Instant>> copy = new TreeMap<>();
        alive.forEach((user, asked) -> copy.put(user, List.copyOf(asked)));
        return Collections.unmodifiableSortedMap(copy);
    }

    /// when one last came or went; the epoch before the first
    Instant changed() {
        return changed;
    }

    Rules rules() {
        return rules;
    }
}
