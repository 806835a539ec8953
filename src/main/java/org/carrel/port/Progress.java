package org.carrel.port;

import java.util.Optional;
import org.carrel.domain.session.End;

/// How far a start has come.
/// @param ahead starts in line before this one; 0 unless the stage is QUEUED
/// @param end   when the stage is FAILED
public record Progress(Stage stage, int ahead, Optional<End> end) {
    public enum Stage {
        RESERVED,
        QUEUED,
        STARTING,
        /// launched; not answering yet
        ANSWERING,
        READY,
        FAILED
    }

    public static Progress at(Stage stage) {
        return new Progress(stage, 0, Optional.empty());
    }
}
