package org.carrel.api;

import org.jspecify.annotations.Nullable;

/// `POST /api/v1/sessions`.
/// @param app       required
/// @param name      `default` when left out
/// @param node      the machine it is to be on; else the one with the most room
/// @param queue     true: stands in line when there is no room, see `Problem.ticket`; else it is refused
/// @param ticket    of an earlier answer: goes on waiting
/// @param elsewhere true: doesn't wait for machines that are silent and may have the session
public record StartRequest(
        @Nullable String app,
        @Nullable String name,
        @Nullable String node,
        @Nullable Boolean queue,
        @Nullable String ticket,
        @Nullable Boolean elsewhere) {
    /// On any machine, now or not at all.
    public static StartRequest of(String app, @Nullable String name) {
        return new StartRequest(app, name, null, null, null, null);
    }
}
