package org.carrel.api;

import org.jspecify.annotations.Nullable;

/// `POST /api/v1/sessions`.
/// @param app  required
/// @param name `default` when left out
public record StartRequest(@Nullable String app, @Nullable String name) {}
