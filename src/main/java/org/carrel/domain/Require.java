package org.carrel.domain;

import java.util.regex.Pattern;

/// Guards for the constructors of values. The message carries the value and what was wanted.
public final class Require {
    private Require() {}

    /// @throws IllegalArgumentException with `message` when `holds` is false
    public static void require(boolean holds, String message) {
        if (!holds) throw new IllegalArgumentException(message);
    }

    /// @return `value`, when the whole of it matches
    public static String matching(Pattern pattern, String value, String what) {
        if (!pattern.matcher(value).matches())
            throw new IllegalArgumentException(what + " must match " + pattern + ", not \"" + shown(value) + "\"");
        return value;
    }

    private static String shown(String value) {
        String cut = value.length() > 40 ? value.substring(0, 40) + "…" : value;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
