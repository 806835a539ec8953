package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A session as the REST interface shows it. Absent fields are left out.
/// @param state       `reserved | starting | ready | draining | ended`; clients must bear new words
/// @param url         where it is used; absolute on its own origin, else a path
/// @param pid         of its main process
/// @param cpuPercent  of one core
/// @param memoryBytes proportional set size
/// @param cpuHistory  newest last, at most 60
/// @param lastInput   when its user last did something
/// @param project     what is being worked on, where the app says so: a directory
/// @param verdict     `keep | warn | stop`
/// @param reason      why it is kept, would be stopped, or ended; a sentence
/// @param stopsAt     when it would be stopped if nothing changes
/// @param ahead       starts in line before it, while reserved
/// @param log         its last lines, when it ended by failing
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SessionInfo(
        String id,
        String app,
        String name,
        String owner,
        String node,
        String kind,
        String state,
        String url,
        Instant since,
        @Nullable Long pid,
        @Nullable Double cpuPercent,
        @Nullable Long memoryBytes,
        @Nullable List<Double> cpuHistory,
        @Nullable List<Long> memoryHistory,
        @Nullable Integer connections,
        @Nullable Instant lastInput,
        @Nullable String project,
        @Nullable String verdict,
        @Nullable String reason,
        @Nullable Instant stopsAt,
        @Nullable Integer ahead,
        @Nullable List<String> log) {}
