package org.carrel.simulate;

import java.util.PriorityQueue;

/// What is to happen, in order of time; at the same moment in the order in which it was put down.
final class Agenda {
    private record Due(long at, long number, Runnable what) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private long now;
    private long number;

    /// Microseconds since the beginning: the true time, which nobody in the cluster can see.
    long now() {
        return now;
    }

    void at(long time, Runnable what) {
        queue.add(new Due(Math.max(time, now), number++, what));
    }

    void in(long delay, Runnable what) {
        at(now + delay, what);
    }

    /// @return whether there was something before `end`
    boolean step(long end) {
        Due due = queue.peek();
        if (due == null || due.at() > end) return false;
        queue.remove();
        now = due.at();
        due.what().run();
        return true;
    }
}
