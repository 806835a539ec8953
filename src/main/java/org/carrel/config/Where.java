package org.carrel.config;

/// Where a setting was given, for messages.
/// @param source file as the user named it, or the name of an environment variable or flag
/// @param line   from 1; 0 when the source has no lines
/// @param column from 1; 0 when the source has no lines
public record Where(String source, int line, int column) {
    public static Where of(String source) {
        return new Where(source, 0, 0);
    }

    /// Not every problem has a line: a file that isn't there, a variable.
    public boolean hasLine() {
        return line > 0;
    }

    @Override
    public String toString() {
        return hasLine() ? source + ":" + line + ":" + column : source;
    }
}
