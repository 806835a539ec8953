package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something that happened to a node, as the node that is asked saw it.
/// @param what    `seen`, `became`, `restarted`, `version`, `gone`; the list may grow
/// @param state   of the node, with `seen` and `became`
/// @param version of its program, with `version`
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HappenedInfo(
        Instant time,
        String node,
        String what,
        @Nullable String state,
        @Nullable String version) {}
