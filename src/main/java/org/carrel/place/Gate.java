package org.carrel.place;

import java.util.ArrayDeque;
import java.util.Deque;

/// Lets so many placements of a gateway ask around at once; the others wait in the order in which they came. With
/// hundreds asking at once on busy machines every answer would come too late to be of use, and all would ask again.
final class Gate {
    private final int most;
    private final Deque<Pass> waiting = new ArrayDeque<>();
    private int inside;

    Gate(int most) {
        this.most = most;
    }

    /// One placement's place before the gate, or behind it.
    final class Pass {
        private final Runnable admitted;
        private boolean in;
        private boolean asked;

        private Pass(Runnable admitted) {
            this.admitted = admitted;
        }

        /// @return whether it is in; else it is told when it is
        boolean ask() {
            synchronized (Gate.this) {
                if (in || asked) return in;
                if (inside < most) {
                    inside++;
                    in = true;
                } else {
                    asked = true;
                    waiting.add(this);
                }
                return in;
            }
        }

        boolean isWaiting() {
            synchronized (Gate.this) {
                return asked;
            }
        }

        /// Makes room for the next, whether it was in, or waiting, or neither.
        void giveBack() {
            Pass next = null;
            synchronized (Gate.this) {
                if (asked) waiting.remove(this);
                asked = false;
                if (!in) return;
                in = false;
                next = waiting.poll();
                if (next == null) inside--;
                else {
                    next.asked = false;
                    next.in = true;
                }
            }
            if (next != null) next.admitted.run();
        }
    }

    /// @param admitted run by whoever makes room
    Pass pass(Runnable admitted) {
        return new Pass(admitted);
    }
}
