package org.carrel.simulate;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.NodeRules;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;

/// A machine: what survives the processes of Carrel on it.
final class Host {
    static final long GIB = 1L << 30;
    private static final Instant DAWN = Instant.parse("2026-11-22T08:00:00Z");

    /// What the agent has written down of a session.
    /// @param launched its handle is known
    record Note(
            Session session,
            Duration startTimeout,
            boolean launched,
            boolean ready,
            Optional<End> end,
            Optional<Instant> endedAt) {
        Note launch() {
            return new Note(session, startTimeout, true, ready, end, endedAt);
        }

        Note answered() {
            return new Note(session, startTimeout, launched, true, end, endedAt);
        }

        Note stopping(End because) {
            return new Note(session, startTimeout, launched, ready, Optional.of(because), endedAt);
        }

        Note ended(End how, Instant at) {
            return new Note(session, startTimeout, launched, ready, Optional.of(how), Optional.of(at));
        }
    }

    /// A workload that runs.
    /// @param answersAt when it begins to answer; never, when it hangs
    record Program(Session session, long answersAt) {}

    final int number;
    final NodeName name;
    final Scenario.Machine spec;
    final Map<SessionId, Note> journal = new LinkedHashMap<>();
    final Map<SessionId, Program> programs = new LinkedHashMap<>();
    final Set<AppId> apps = new LinkedHashSet<>();
    long epoch;
    boolean present;
    private final Duration reservation;
    private long clockSetBy;

    Host(int number, Scenario.Machine spec, Scenario.Setup setup) {
        this.number = number;
        this.name = new NodeName("n" + (number + 1));
        this.spec = spec;
        this.reservation = Duration.ofSeconds(setup.reservation());
        for (int app = 0; app < Scenarios.APPS; app++) apps.add(Apps.of(app).id());
    }

    void setClock(long by) {
        clockSetBy += by;
    }

    /// What the machine's clock shows: wrong, and not at the same pace as others.
    Instant wall(long now) {
        long shown = now + now * spec.driftPpm() / 1_000_000 + clockSetBy;
        return DAWN.plusNanos(shown * 1000);
    }

    /// The clock of a process that took the wall's time at its start and has counted by itself since.
    Instant steady(Instant atStart, long started, long now) {
        long passed = now - started;
        return atStart.plusNanos((passed + passed * spec.driftPpm() / 1_000_000) * 1000);
    }

    NodeRules rules() {
        return new NodeRules(
                name,
                new Capacity(new Resources(64_000, spec.gib() * GIB), spec.places(), spec.starts()),
                reservation,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                500,
                Duration.ofSeconds(30));
    }
}
