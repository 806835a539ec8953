package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A node as the REST interface shows it.
/// @param state `up`, `draining`; of another node also `joining`, `suspect`, `unreachable`, `leaving`. The list may
/// grow
/// @param roles `agent` runs sessions, `gateway` serves users
/// @param labels what apps may need
/// @param apps that can be started there
/// @param metadata what it was told to remember
/// @param address of its membership, host:port; this and what follows is of other nodes only, and the rest is then what
///                that node last said
/// @param phi how surprising its silence is, at most 100; absent where this node doesn't watch it
/// @param phiThreshold above which nothing new is placed there
/// @param lastHeartbeatMs since then
/// @param heard when it last said anything of itself; absent when never
@JsonInclude(JsonInclude.Include.NON_NULL)
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
        String isolation,
        List<String> roles,
        Map<String, String> labels,
        List<String> apps,
        Map<String, String> metadata,
        @Nullable String address,
        @Nullable Double phi,
        @Nullable Double phiThreshold,
        @Nullable Long lastHeartbeatMs,
        @Nullable Instant heard) {}
