package org.carrel.main;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.carrel.gateway.restart.Message.Holder;
import org.carrel.gateway.restart.Message.Use;
import org.carrel.port.Admission;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Knock;
import org.carrel.port.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sessions that are used through the program whose place was taken: a long download, say. They count as connected
/// here until it reports otherwise or ends. One thread.
final class StaysBehind {
    private static final Logger log = LoggerFactory.getLogger(StaysBehind.class);

    private final Admission admission;
    private final Map<Holder, Counted> held = new HashMap<>();

    private record Counted(Lease lease, int connections) {}

    StaysBehind(Admission admission) {
        this.admission = admission;
    }

    /// @param present all of them
    void uses(List<Use> present) {
        Map<Holder, Integer> wanted = new HashMap<>();
        present.forEach(use -> wanted.merge(use.holder(), use.connections(), Integer::sum));
        held.entrySet().removeIf(known -> {
            if (wanted.containsKey(known.getKey())) return false;
            known.getValue().lease().close();
            return true;
        });
        wanted.forEach(this::count);
    }

    private void count(Holder holder, int connections) {
        try {
            Counted known = held.get(holder);
            if (known == null) {
                Knock knock = new Knock(holder.sessionId(), holder.principal(), holder.kind());
                if (!(admission.admit(knock) instanceof Verdict.Open open)) return;
                known = new Counted(open.lease(), 0);
            }
            known.lease().connections(connections - known.connections());
            known.lease().sawInput(1);
            held.put(holder, new Counted(known.lease(), connections));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IllegalArgumentException malformed) {
            log.warn("the predecessor told of a connection that can't be", malformed);
        }
    }
}
