package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// A catalogue entry the asker may see.
/// @param startUrl     where a browser starts it or returns to it
/// @param available    it can be started on this cluster now
/// @param obstacle     why not, with the next step
/// @param usualStartMs from asking to ready, median of the last starts
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AppInfo(
        String id,
        String kind,
        String title,
        String description,
        String startUrl,
        boolean available,
        @Nullable String obstacle,
        @Nullable Long usualStartMs) {}
