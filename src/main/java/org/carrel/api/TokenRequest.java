package org.carrel.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `POST /api/v1/tokens`, with Basic credentials.
/// @param scopes    of `use admin metrics`; `use` when left out, never more than the user has
/// @param expiresIn seconds, 60 to 31,536,000; 86,400 when left out
public record TokenRequest(
        @Nullable List<String> scopes, @Nullable Long expiresIn) {}
