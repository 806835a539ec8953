package org.carrel.agent;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.carrel.launch.Launcher.Usage;

/// CPU and memory of one session over its last samples. One thread.
final class Trace {
    static final int LENGTH = 60;

    private final Deque<Double> cpu = new ArrayDeque<>();
    private final Deque<Long> memory = new ArrayDeque<>();
    private long lastNanos;
    private long lastCpuNanos = -1;

    /// @param nanos of a clock that only goes forward
    void add(Usage usage, long nanos) {
        if (lastCpuNanos >= 0 && nanos > lastNanos) {
            double percent = 100.0 * Math.max(0, usage.cpuNanos() - lastCpuNanos) / (nanos - lastNanos);
            push(cpu, percent);
        }
        push(memory, usage.pssBytes());
        lastCpuNanos = Math.max(lastCpuNanos, usage.cpuNanos());
        lastNanos = nanos;
    }

    /// false until there are two samples: one says nothing of a rate
    boolean knowsCpu() {
        return !cpu.isEmpty();
    }

    double cpuPercent() {
        return cpu.isEmpty() ? 0 : cpu.getLast();
    }

    List<Double> cpuHistory() {
        return List.copyOf(cpu);
    }

    List<Long> memoryHistory() {
        return List.copyOf(memory);
    }

    private static <T> void push(Deque<T> deque, T value) {
        deque.addLast(value);
        if (deque.size() > LENGTH) deque.removeFirst();
    }
}
