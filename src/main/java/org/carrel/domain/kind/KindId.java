package org.carrel.domain.kind;

import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// The family of an app: how it is launched, probed, proxied, and when it is idle.
/// @param value as written in `carrel.yaml`, for example `shiny`
public record KindId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[a-z][a-z0-9-]{0,19}");

    public KindId {
        Require.matching(SHAPE, value, "an app kind");
    }

    @Override
    public String toString() {
        return value;
    }
}
