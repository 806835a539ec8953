package org.carrel.face.maat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.carrel.port.OsHost;
import org.carrel.port.OsProcess;
import org.carrel.port.OsWatch;
import org.jspecify.annotations.Nullable;

/// The processes of one name and the machine, looked at when somebody asks and the last look is older than `FRESH`.
/// One looks; the others wait for it. From any thread.
final class Lookout {
    static final Duration FRESH = Duration.ofSeconds(1);

    /// @param processes by user
    record Look(Instant at, SortedMap<String, List<OsProcess>> processes, OsHost host) {
        Map<String, List<Instant>> created() {
            Map<String, List<Instant>> created = new TreeMap<>();
            processes.forEach((user, theirs) ->
                    created.put(user, theirs.stream().map(OsProcess::created).toList()));
            return created;
        }
    }

    private final OsWatch watch;
    private final String name;
    private final InstantSource time;
    /// held while /proc is read, which waits for nobody: it keeps the readers from reading the same at once
    private final ReentrantLock looking = new ReentrantLock();

    private @Nullable Look last;

    Lookout(OsWatch watch, String name, InstantSource time) {
        this.watch = watch;
        this.name = name;
        this.time = time;
    }

    String name() {
        return name;
    }

    Look look() throws IOException {
        looking.lock();
        try {
            Instant now = time.instant();
            Look before = last;
            if (before != null
                    && !now.isBefore(before.at())
                    && now.isBefore(before.at().plus(FRESH))) return before;
            SortedMap<String, List<OsProcess>> byUser = new TreeMap<>();
            for (OsProcess process : watch.named(name))
                byUser.computeIfAbsent(process.user(), _ -> new ArrayList<>()).add(process);
            Look look = new Look(now, byUser, watch.host());
            last = look;
            return look;
        } finally {
            looking.unlock();
        }
    }
}
