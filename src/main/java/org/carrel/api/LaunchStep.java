package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// Something that happened in a launch; the data of an event named `step`.
/// @param what `chosen`, `output`, `ready`, `failed`, `stopped`, `silent`; the last one is `done` or `short`
/// @param text without the node's name
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LaunchStep(String what, @Nullable String node, String text) {}
