package org.carrel.port;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.idle.IdleVerdict;

/// What was last observed of a running session.
/// @param cpuPercent of one core over the whole process tree, since the sample before
/// @param memoryBytes proportional set size over the whole tree
/// @param cpuHistory newest last, at most 60, one for each sample
/// @param memoryHistory like it, bytes
/// @param lastInput when the user last did something
/// @param project what is being worked on, where the workload says so: a directory
public record Sample(
        double cpuPercent,
        long memoryBytes,
        List<Double> cpuHistory,
        List<Long> memoryHistory,
        int connections,
        Instant lastInput,
        IdleVerdict verdict,
        Optional<String> project) {
    public Sample {
        cpuHistory = List.copyOf(cpuHistory);
        memoryHistory = List.copyOf(memoryHistory);
    }
}
