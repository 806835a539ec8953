package org.carrel.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Everything that is wrong or doubtful with a configuration, in the order of the file.
/// @param excerpts line text by source and line, for the pretty form; may lack any of them
public record Report(List<Finding> findings, Map<String, List<String>> excerpts) {
    public static final Report CLEAN = new Report(List.of(), Map.of());
    private static final int EXCERPT_MOST = 120;

    public Report {
        findings = findings.stream()
                .sorted(Comparator.comparingInt(
                                (Finding finding) -> finding.where().line())
                        .thenComparingInt(finding -> finding.where().column()))
                .toList();
        excerpts = Map.copyOf(excerpts);
    }

    public enum Severity {
        /// the configuration can't be used
        ERROR,
        /// it can, but probably not as it was meant
        WARNING
    }

    /// @param what a sentence without a full stop, with the value and what was wanted
    public record Finding(Severity severity, Where where, String what) {
        /// `carrel.yaml:7:5: error: …`, as compilers write it, so that editors can jump there
        @Override
        public String toString() {
            return where + ": " + (severity == Severity.ERROR ? "error" : "warning") + ": " + what;
        }
    }

    public boolean hasErrors() {
        return count(Severity.ERROR) > 0;
    }

    public long count(Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    public Report plus(Report other) {
        List<Finding> all = new ArrayList<>(findings);
        all.addAll(other.findings);
        Map<String, List<String>> lines = new java.util.HashMap<>(excerpts);
        lines.putAll(other.excerpts);
        return new Report(all, lines);
    }

    /// One line for each finding.
    public List<String> lines() {
        return findings.stream().map(Finding::toString).toList();
    }

    /// Each finding with the line it is about and a mark below the place:
    /// ```
    /// carrel.yaml:7:5: error: unknown key "idel" in apps.faithful; did you mean "idle"?
    ///     7 |     idel: 1h
    ///       |     ^
    /// ```
    public String pretty() {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            text.append(finding).append('\n');
            Where where = finding.where();
            List<String> lines = excerpts.getOrDefault(where.source(), List.of());
            if (!where.hasLine() || where.line() > lines.size()) continue;
            String line = lines.get(where.line() - 1).replaceAll("\\p{Cntrl}", " ");
            if (where.column() > EXCERPT_MOST) continue;
            String number = String.format("%5d", where.line());
            text.append(number).append(" | ");
            text.append(line.length() > EXCERPT_MOST ? line.substring(0, EXCERPT_MOST) + "…" : line);
            text.append("\n      | ").append(" ".repeat(where.column() - 1)).append("^\n");
        }
        return text.toString();
    }

    /// Collects findings while a configuration is read. One thread.
    static final class Collector {
        /// more would be noise
        private static final int MOST = 100;

        private final List<Finding> findings = new ArrayList<>();
        private final Map<String, List<String>> excerpts = new java.util.HashMap<>();

        void error(Where where, String what) {
            add(new Finding(Severity.ERROR, where, what));
        }

        void warning(Where where, String what) {
            add(new Finding(Severity.WARNING, where, what));
        }

        void excerpt(String source, List<String> lines) {
            excerpts.put(source, lines);
        }

        void addAll(Report report) {
            report.findings().forEach(this::add);
            excerpts.putAll(report.excerpts());
        }

        boolean hasErrors() {
            return findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR);
        }

        Report report() {
            return new Report(findings, excerpts);
        }

        private void add(Finding finding) {
            // an error is never dropped in favour of a warning: a report without errors means "usable"
            if (findings.size() < MOST || finding.severity() == Severity.ERROR && !hasErrors()) findings.add(finding);
        }
    }
}
