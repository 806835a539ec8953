package org.carrel.port;

import java.time.Instant;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;

/// What a node says of itself.
/// @param committed reserved, starting and running together
/// @param cpuPercent of the whole machine, 0 to 100
/// @param memoryUsedBytes of the whole machine
/// @param isolation a sentence on what keeps users apart here
/// @param metadata what it was told to remember
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
        String isolation,
        Metadata metadata) {

    /// Of a node that remembers nothing.
    public NodeFacts(
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
            String isolation) {
        this(
                name,
                version,
                since,
                capacity,
                committed,
                sessions,
                starting,
                queued,
                draining,
                cpuPercent,
                memoryUsedBytes,
                memoryTotalBytes,
                load1,
                isolation,
                Metadata.NONE);
    }
}
