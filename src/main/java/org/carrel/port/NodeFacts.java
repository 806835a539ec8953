package org.carrel.port;

import java.time.Instant;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;

/// What a node says of itself.
/// @param committed reserved, starting and running together
/// @param cpuPercent of the whole machine, 0 to 100
/// @param memoryUsedBytes of the whole machine
/// @param isolation a sentence on what keeps users apart here
public record NodeFacts(
        NodeName name,
        String version,
        Instant since,
        Capacity capacity,
        Resources committed,
        int sessions,
        int starting,
        int queued,
        boolean draining,
        double cpuPercent,
        long memoryUsedBytes,
        long memoryTotalBytes,
        double load1,
        String isolation) {}
