package org.carrel.simulate;

import java.util.ArrayDeque;
import java.util.Deque;

/// The life of one process: it runs, stands still, dies and starts again. What it had in hand dies with it; what comes
/// while it stands still waits.
final class Life {
    private final Agenda agenda;
    private final Deque<Runnable> backlog = new ArrayDeque<>();
    private boolean up;
    private boolean paused;
    private long starts;

    Life(Agenda agenda) {
        this.agenda = agenda;
    }

    void start() {
        up = true;
        paused = false;
        starts++;
    }

    void kill() {
        up = false;
        backlog.clear();
    }

    void pause(long time) {
        if (!runs()) return;
        paused = true;
        long start = starts;
        agenda.in(time, () -> {
            if (starts == start) resume();
        });
    }

    void resume() {
        paused = false;
        while (up && !paused && !backlog.isEmpty()) backlog.remove().run();
    }

    /// Is up and not standing still.
    boolean runs() {
        return up && !paused;
    }

    boolean isUp() {
        return up;
    }

    /// Something from outside; lost on a dead process.
    void receive(Runnable what) {
        if (!up) return;
        if (paused) backlog.add(what);
        else what.run();
    }

    /// Something of its own, later; dies with it.
    void in(long delay, Runnable what) {
        long start = starts;
        agenda.in(delay, () -> {
            if (starts == start) receive(what);
        });
    }
}
