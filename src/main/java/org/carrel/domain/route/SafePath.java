package org.carrel.domain.route;

/// A place on this very origin that a request may name as the next one (`next=`).
public final class SafePath {
    public static final int MAX_LENGTH = 2000;

    private SafePath() {}

    /// Visible ASCII, at most 2,000 characters, begins with exactly one `/`, holds no `\`. Browsers read `/\` and a
    /// lost tab or line break as `//`, so each of those would lead to another host.
    /// @return `next` when it is safe, else `/`
    public static String orRoot(String next) {
        return isSafe(next) ? next : "/";
    }

    public static boolean isSafe(String next) {
        if (next.isEmpty() || next.length() > MAX_LENGTH || next.charAt(0) != '/' || next.startsWith("//"))
            return false;
        return next.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '\\');
    }
}
