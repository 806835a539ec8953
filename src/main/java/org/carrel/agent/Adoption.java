package org.carrel.agent;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeState.Adopted;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.session.SessionState.Draining;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.domain.session.SessionState.Starting;
import org.carrel.domain.session.Workload;
import org.carrel.launch.Launcher;
import org.carrel.launch.Launcher.Life;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How an agent starts, always: reads the journal, scans for workloads with our marker, looks at each handle, and goes
/// on from what is true. Nothing is killed by what stands in a record alone.
final class Adoption {
    private static final Logger log = LoggerFactory.getLogger(Adoption.class);
    private static final Duration STOP_AGAIN = Duration.ofSeconds(60);

    private final Means means;
    private final Instant now;
    private final Map<SessionId, Handle> orphans = new HashMap<>();

    Adoption(Means means) {
        this.means = means;
        this.now = means.time().instant();
    }

    List<Adopted> adopt() throws IOException {
        Map<SessionId, Handle> found = scan();
        Journal.Contents contents = means.journal().read();
        List<Adopted> adopted = new ArrayList<>();
        Set<SessionId> known = new HashSet<>();
        for (SessionRecord record : contents.records()) {
            known.add(record.id());
            adopted.add(adopt(record, Optional.ofNullable(found.get(record.id()))));
        }
        found.forEach((id, handle) -> {
            if (known.contains(id)) return;
            orphans.put(id, handle);
            log.warn(
                    "orphan found, left alone: session={} handle={} next=\"look at it, then stop it by hand\"",
                    id,
                    handle);
        });
        for (SessionId id : contents.unreadable())
            if (!found.containsKey(id)) log.warn("record lost, nothing of it runs: session={}", id);
        for (SessionId id : contents.unwritten()) if (!found.containsKey(id)) forget(id);
        return adopted;
    }

    private void forget(SessionId id) {
        try {
            means.journal().forget(id);
            log.info("start that never began is forgotten session={}", id);
        } catch (IOException e) {
            log.warn("start that never began is not forgotten session={} cause={}", id, e.toString());
        }
    }

    /// What was found without a record, after `adopt`.
    Map<SessionId, Handle> orphans() {
        return orphans;
    }

    private Map<SessionId, Handle> scan() throws IOException {
        Map<SessionId, Handle> found = new HashMap<>();
        for (Launcher launcher : means.launchers())
            for (Launcher.Found one : launcher.scan()) found.put(one.id(), one.handle());
        return found;
    }

    private Adopted adopt(SessionRecord stored, Optional<Handle> scanned) {
        SessionRecord record =
                stored.handle().isEmpty() && scanned.isPresent() ? stored.launched(scanned.get()) : stored;
        means.desks().put(record.id(), new Desk(record, now));
        if (record != stored) means.keep(record);
        SessionState state = state(record);
        log.info(
                "session adopted session={} app={} owner={} state={}",
                record.id(),
                record.key().app(),
                record.key().owner(),
                state.word());
        return new Adopted(record.in(state), record.startTimeout());
    }

    private SessionState state(SessionRecord record) {
        if (record.endedAt().isPresent())
            return new Ended(
                    record.end().orElse(new End.Lost("nobody knows how")),
                    record.endedAt().get());
        Optional<Handle> handle = record.handle();
        if (handle.isEmpty())
            return ended(record, new End.Failed("the agent stopped while starting it; start it again", List.of()));
        return switch (means.look(handle.get())) {
            case Life.Alive(), Life.Resting() -> running(record, means.workload(handle.get(), record.endpoint()));
            case Life.Exited exited
            when record.readyAt().isEmpty() -> ended(record, means.diedStarting(record.id(), exited));
            case Life.Exited(var status) -> ended(record, new End.Exited(status, means.lastLines(record.id())));
            case Life.Vanished vanished ->
                ended(
                        record,
                        new End.Lost("its program was gone when carrel came back; the machine may have restarted"));
        };
    }

    private SessionState running(SessionRecord record, Workload workload) {
        if (record.end().isPresent())
            return new Draining(workload, now.plus(STOP_AGAIN), record.end().get());
        if (record.readyAt().isPresent()) return new Ready(workload);
        return new Starting(now.plus(record.startTimeout()), Optional.of(workload));
    }

    private Ended ended(SessionRecord record, End otherwise) {
        return new Ended(record.end().orElse(otherwise), now);
    }
}
