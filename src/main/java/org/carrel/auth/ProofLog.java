package org.carrel.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.carrel.port.SharedProofs.Fact;
import org.carrel.port.SharedProofs.Told;

/// What this node can tell others of sign-ins and tokens, in the order in which it came to know it. In memory: made
/// from the files at each start. As many entries as the files have.
final class ProofLog {
    private final String run = Secrets.random();
    private final InstantSource clock;
    private final TreeMap<Long, Entry> byPosition = new TreeMap<>();
    private final Map<String, Long> positions = new HashMap<>();
    private long last;

    /// The fact at the moment of telling.
    interface Telling {
        Fact at(Instant now);
    }

    private record Entry(String about, Instant until, Telling telling) {}

    ProofLog(InstantSource clock) {
        this.clock = clock;
    }

    /// @param about what was said of the same before is told no more
    /// @param until after that nobody needs it
    synchronized void put(String about, Instant until, Telling telling) {
        remove(about);
        last++;
        byPosition.put(last, new Entry(about, until, telling));
        positions.put(about, last);
        notifyAll();
    }

    synchronized void remove(String about) {
        Long position = positions.remove(about);
        if (position != null) byPosition.remove(position);
    }

    synchronized Told after(String ofRun, long position, int most, Duration patience) throws InterruptedException {
        long known = ofRun.equals(run) ? position : 0;
        long deadline = System.nanoTime() + patience.toNanos();
        long left = patience.toNanos();
        while (last <= known && left > 0) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
            left = deadline - System.nanoTime();
        }
        Instant now = clock.instant();
        List<Fact> facts = new ArrayList<>();
        long upTo = known;
        for (Map.Entry<Long, Entry> each : byPosition.tailMap(known, false).entrySet()) {
            if (facts.size() == most) break;
            upTo = each.getKey();
            if (now.isBefore(each.getValue().until()))
                facts.add(each.getValue().telling().at(now));
        }
        return new Told(run, facts.size() == most ? upTo : last, facts);
    }
}
