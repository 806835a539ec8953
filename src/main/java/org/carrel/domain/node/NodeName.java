package org.carrel.domain.node;

import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// The name people call a node by, for example `n1`. The identity of a node is another thing.
/// @param value 1 to 63 of `a-z 0-9 -`
public record NodeName(String value) {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public NodeName {
        Require.matching(SHAPE, value, "the name of a node");
    }

    @Override
    public String toString() {
        return value;
    }
}
