package org.carrel.door;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.carrel.domain.session.Endpoint;

/// Where connections to workloads that speak first are counted and stand in line. Such a workload takes its clients one
/// by one, from a short backlog (Rserve: 16). Who comes beyond it is turned away at a unix socket, and forgotten
/// without
/// a word at a TCP port (of 100 at once, 57 never heard the greeting): so only a few wait for the greeting at a time,
/// whichever gateway they come from. Any thread.
public final class Gates {
    static final int GREETINGS_AT_ONCE = 8;

    private static final class Gate {
        private int connections;
        private int greeting;
        private final Deque<Runnable> line = new ArrayDeque<>();
    }

    private final Map<Endpoint, Gate> gates = new HashMap<>();

    /// Takes a place for one more connection, to be given back by `leave`.
    /// @return false when there are as many as there may be
    synchronized boolean enter(Endpoint endpoint, int most) {
        Gate gate = gates.computeIfAbsent(endpoint, it -> new Gate());
        if (gate.connections >= most) return false;
        gate.connections++;
        return true;
    }

    synchronized void leave(Endpoint endpoint) {
        Gate gate = gates.get(endpoint);
        if (gate != null && --gate.connections == 0) gates.remove(endpoint);
    }

    /// Runs it when few enough wait for a greeting; to be followed by `greeted`. Who stands in line has entered, which
    /// bounds the line.
    void inTurn(Endpoint endpoint, Runnable turn) {
        synchronized (this) {
            Gate gate = gates.get(endpoint);
            if (gate != null && gate.greeting >= GREETINGS_AT_ONCE) {
                gate.line.add(turn);
                return;
            }
            if (gate != null) gate.greeting++;
        }
        turn.run();
    }

    /// The greeting came, or never will.
    void greeted(Endpoint endpoint) {
        Runnable next;
        synchronized (this) {
            Gate gate = gates.get(endpoint);
            if (gate == null) return;
            next = gate.line.poll();
            if (next == null) gate.greeting--;
        }
        if (next != null) next.run();
    }
}
