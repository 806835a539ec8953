package org.carrel.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How things are shown to people: tables, times, sizes, colours. Whatever came from a server is stripped of control
/// characters first, so that it can't play tricks with the terminal.
final class Show {
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");

    private Show() {}

    /// Columns as wide as their widest cell, two spaces between, nothing behind the last. Colour marks states only.
    static List<String> table(List<String> titles, List<List<String>> rows, boolean colours) {
        int columns = titles.size();
        int[] width = new int[columns];
        for (int c = 0; c < columns; c++) {
            width[c] = titles.get(c).length();
            for (List<String> row : rows) width[c] = Math.max(width[c], length(clean(row.get(c))));
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(titles, width));
        for (List<String> row : rows) {
            List<String> cells = row.stream().map(Show::clean).toList();
            lines.add(colours ? coloured(line(cells, width), cells) : line(cells, width));
        }
        return lines;
    }

    static String ago(Instant then, Instant now) {
        Duration since = Duration.between(then, now);
        if (since.isNegative()) return "in " + span(since.negated());
        return since.compareTo(Duration.ofSeconds(2)) < 0 ? "just now" : span(since) + " ago";
    }

    /// the largest unit that says something: `5 s`, `3 min`, `2 h`, `4 days`
    static String span(Duration length) {
        if (length.compareTo(Duration.ofSeconds(90)) < 0) return length.toSeconds() + " s";
        if (length.compareTo(Duration.ofMinutes(90)) < 0) return length.toMinutes() + " min";
        if (length.compareTo(Duration.ofHours(36)) < 0) return length.toHours() + " h";
        return length.toDays() + " days";
    }

    static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }

    static String bytes(long count) {
        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.size() - 1) {
            value /= 1024;
            unit++;
        }
        String format = value >= 100 || unit == 0 ? "%.0f %s" : "%.1f %s";
        return String.format(Locale.ROOT, format, value, UNITS.get(unit));
    }

    /// without control characters; a tab becomes a space
    static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\t') clean.append(' ');
            else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) clean.append('?');
            else clean.appendCodePoint(c);
        });
        return clean.toString();
    }

    private static String line(List<String> cells, int[] width) {
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < cells.size(); c++) {
            String cell = cells.get(c);
            line.append(cell);
            if (c < cells.size() - 1) line.append(" ".repeat(width[c] - length(cell) + 2));
        }
        return line.toString().stripTrailing();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String coloured(String line, List<String> cells) {
        for (String cell : cells) {
            int colour = switch (cell) {
                case "ready", "up" -> 32;
                case "reserved", "starting", "joining", "suspect" -> 33;
                case "unreachable" -> 31;
                case "draining", "can't start" -> 35;
                case "ended" -> 90;
                default -> 0;
            };
            if (colour > 0)
                return line.replaceFirst("(?<= )" + cell + "\\b", "\u001b[" + colour + "m" + cell + "\u001b[0m");
        }
        return line;
    }
}
