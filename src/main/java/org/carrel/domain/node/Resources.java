package org.carrel.domain.node;

import static org.carrel.domain.Require.require;

/// What a session asks of a node, or what a node has to give.
/// @param cpuMillis   thousandths of one core, at least 0
/// @param memoryBytes bytes of resident memory, at least 0
public record Resources(int cpuMillis, long memoryBytes) {
    public static final Resources NONE = new Resources(0, 0);

    public Resources {
        require(cpuMillis >= 0 && memoryBytes >= 0, "resources can't be negative");
    }

    public boolean fitsIn(Resources free) {
        return cpuMillis <= free.cpuMillis && memoryBytes <= free.memoryBytes;
    }

    public Resources plus(Resources other) {
        return new Resources(cpuMillis + other.cpuMillis, memoryBytes + other.memoryBytes);
    }

    /// What is left when `taken` is taken away; never below nothing.
    public Resources minus(Resources taken) {
        return new Resources(Math.max(0, cpuMillis - taken.cpuMillis), Math.max(0, memoryBytes - taken.memoryBytes));
    }
}
