package org.carrel.trust;

import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// What people call a cluster, for example `lab`.
/// @param value 1 to 40 of `a-z 0-9 -`
public record ClusterName(String value) {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?");

    public ClusterName {
        Require.matching(SHAPE, value, "the name of a cluster");
    }

    @Override
    public String toString() {
        return value;
    }
}
