package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Where a user's files are, and the latest move to that node, or to the node they are on their way to.
/// @param node        absent: nowhere yet; the first session with files makes a home
/// @param moveFrom    absent where there was no home before, as what follows where there was no move
/// @param moveState   `copying`, `done`, `failed`; the list may grow
/// @param moveBytes   that have come so far
/// @param moveProblem of a failure, a sentence
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HomeInfo(
        String user,
        @Nullable String node,
        @Nullable String moveFrom,
        @Nullable String moveTo,
        @Nullable String moveState,
        @Nullable Long moveBytes,
        @Nullable String moveProblem,
        @Nullable Instant moveSince) {

    public static HomeInfo at(String user, @Nullable String node) {
        return new HomeInfo(user, node, null, null, null, null, null, null);
    }
}
