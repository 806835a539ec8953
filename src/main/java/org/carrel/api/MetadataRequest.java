package org.carrel.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `POST /api/v1/nodes/{name}/metadata`: made as a whole.
/// @param set    keys of 1 to 64 of `a-z 0-9 . _ -`, values up to 256 characters
/// @param remove keys; one that isn't there is no fault
public record MetadataRequest(
        @Nullable Map<String, String> set, @Nullable List<String> remove) {}
