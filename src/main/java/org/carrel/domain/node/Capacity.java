package org.carrel.domain.node;

import static org.carrel.domain.Require.require;

/// What a node gives to sessions, as its administrator declared it.
/// @param total    cpu and memory for all sessions together
/// @param sessions most sessions at once, at least 0
/// @param starts   most sessions starting at once, at least 1; the rest wait in line
public record Capacity(Resources total, int sessions, int starts) {
    public Capacity {
        require(sessions >= 0, "the cap on sessions can't be negative");
        require(starts >= 1, "at least one start at a time must be allowed");
    }
}
