package org.carrel.api;

import org.jspecify.annotations.Nullable;

/// `POST /api/v1/services/{app}`.
/// @param copies required: how many there are to be, 0 to 1000
public record LaunchRequest(@Nullable Integer copies) {}
