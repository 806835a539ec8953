package org.carrel.domain.app;

import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// The key of an app in the catalogue; part of addresses.
/// @param value 1 to 40 of `a-z 0-9 _ -`, first a letter
public record AppId(String value) implements Comparable<AppId> {
    private static final Pattern SHAPE = Pattern.compile("[a-z][a-z0-9_-]{0,39}");

    public AppId {
        Require.matching(SHAPE, value, "the name of an app");
    }

    public static boolean isWellFormed(String text) {
        return SHAPE.matcher(text).matches();
    }

    @Override
    public int compareTo(AppId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
