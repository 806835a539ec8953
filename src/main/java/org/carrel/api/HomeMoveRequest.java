package org.carrel.api;

import org.jspecify.annotations.Nullable;

/// @param to    name of the node that is to be the home
/// @param files false: leave the files where they are and begin with an empty home; absent: true
public record HomeMoveRequest(@Nullable String to, @Nullable Boolean files) {}
