package org.carrel.api;

import java.time.Instant;

/// A node as the REST interface shows it.
public record NodeInfo(
        String name,
        String version,
        String state,
        Instant since,
        int sessions,
        int maxSessions,
        int starting,
        int queued,
        long committedMemoryBytes,
        long capacityMemoryBytes,
        int committedCpuMillis,
        int capacityCpuMillis,
        double cpuPercent,
        long memoryUsedBytes,
        long memoryTotalBytes,
        double load1,
        String isolation) {}
