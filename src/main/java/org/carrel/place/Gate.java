package org.carrel.place;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Lets so many placements of a gateway ask around at once; the others wait in the order in which they came. With
/// hundreds asking at once on busy machines every answer would come too late to be of use, and all would ask again.
///
/// How many, the answers say: half as many when some did not come in time, one more after as many successes as there
/// are inside, as TCP does it (additive increase, multiplicative decrease: RFC 5681).
final class Gate {
    private final int most;
    private final Deque<Pass> waiting = new ArrayDeque<>();
    private double limit;
    private int inside;
    /// of those inside when it was last halved, how many still are: they can't tell yet whether it helped
    private int fromBefore;

    /// @param most at once, at least 1
    Gate(int most) {
        this.most = most;
        this.limit = most;
    }

    /// Someone inside did not get its answers in time.
    synchronized void tooFast() {
        if (fromBefore > 0) return;
        limit = Math.max(1, limit / 2);
        fromBefore = inside;
    }

    /// Someone inside has got its answers.
    synchronized void wellPaced() {
        limit = Math.min(most, limit + 1 / limit);
    }

    /// @return how many may be inside now
    synchronized int limit() {
        return (int) limit;
    }

    private boolean hasRoom() {
        return inside < (int) limit;
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
                if (hasRoom()) {
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
            List<Pass> next = new ArrayList<>();
            synchronized (Gate.this) {
                if (asked) waiting.remove(this);
                asked = false;
                if (!in) return;
                in = false;
                inside--;
                if (fromBefore > 0) fromBefore--;
                // two where it may have become wider meanwhile
                while (hasRoom() && !waiting.isEmpty()) {
                    Pass first = waiting.remove();
                    first.asked = false;
                    first.in = true;
                    inside++;
                    next.add(first);
                }
            }
            next.forEach(pass -> pass.admitted.run());
        }
    }

    /// @param admitted run by whoever makes room
    Pass pass(Runnable admitted) {
        return new Pass(admitted);
    }
}
