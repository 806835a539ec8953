package org.carrel.launch.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.session.SessionId;

/// All processes at one moment, by uid. One walk through `/proc` serves the samples of all sessions: a walk for
/// each took time that grew with the square of their number. For counting only: whoever is going to signal a
/// process asks `Members`, which looks anew. Any thread.
final class ProcTable {
    private final Duration validity;
    private Map<Integer, List<Row>> rows = Map.of();
    private long takenAt;

    /// @param validity how old an answer may be at most
    ProcTable(Duration validity) {
        this.validity = validity;
        this.takenAt = System.nanoTime() - validity.toNanos() - 1;
    }

    /// The processes of one session, as `Members.of` has them; never from before its leader began or ended.
    synchronized List<ProcStat> members(Identity leader, String bootNow) throws IOException {
        if (!leader.boot().equals(bootNow)) return List.of();
        boolean led = leader.isAlive(bootNow);
        boolean outdated = led != hasLiving(leader);
        if (outdated || System.nanoTime() - takenAt > validity.toNanos()) take();
        List<ProcStat> members = new ArrayList<>();
        for (Row row : rows.getOrDefault(leader.uid(), List.of()))
            if (row.belongsTo(leader, led)) members.add(row.stat);
        return members;
    }

    private boolean hasLiving(Identity leader) {
        return rows.getOrDefault(leader.uid(), List.of()).stream()
                .anyMatch(row ->
                        row.stat.pid() == leader.pid() && row.stat.start() == leader.start() && !row.stat.isDead());
    }

    private void take() throws IOException {
        takenAt = System.nanoTime();
        Map<Integer, List<Row>> taken = new HashMap<>();
        for (long pid : Proc.pids()) {
            var uid = Proc.uid(pid);
            Optional<ProcStat> stat = uid.isEmpty() ? Optional.empty() : Proc.stat(pid);
            if (stat.isPresent())
                taken.computeIfAbsent(uid.getAsInt(), any -> new ArrayList<>()).add(new Row(stat.get()));
        }
        rows = taken;
    }

    private static final class Row {
        private final ProcStat stat;
        /// of what was not asked yet nothing is here
        private Optional<Optional<SessionId>> marker = Optional.empty();

        Row(ProcStat stat) {
            this.stat = stat;
        }

        boolean belongsTo(Identity leader, boolean led) {
            return Members.mayBelong(stat, leader) && (Members.follows(stat, leader, led) || carries(leader.id()));
        }

        private boolean carries(SessionId id) {
            if (marker.isEmpty()) marker = Optional.of(Members.marker(stat.pid()));
            return marker.get().filter(id::equals).isPresent();
        }
    }
}
