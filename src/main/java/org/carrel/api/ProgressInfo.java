package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far a start has come: the data of an event named `progress`.
/// @param stage    `reserved | queued | starting | answering | ready | failed`
/// @param ahead    starts in line before this one
/// @param sentence why it failed
/// @param log      its last lines, when it failed
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProgressInfo(
        String stage,
        int ahead,
        @Nullable String sentence,
        @Nullable List<String> log) {}
