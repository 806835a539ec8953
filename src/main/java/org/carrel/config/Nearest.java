package org.carrel.config;

import java.util.Collection;
import java.util.Optional;

/// "Did you mean …?"
final class Nearest {
    private Nearest() {}

    /// @return ` ; did you mean "…"?` ready to be appended, or nothing when no candidate is near
    static String hint(String written, Collection<String> candidates) {
        return to(written, candidates)
                .map(near -> "; did you mean \"" + near + "\"?")
                .orElse("");
    }

    /// @return the candidate with the smallest distance, when that is at most a third of its length and at least one
    static Optional<String> to(String written, Collection<String> candidates) {
        if (written.length() > 64) return Optional.empty();
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int distance = distance(written.toLowerCase(java.util.Locale.ROOT), candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return least <= Math.max(1, best.length() / 3) ? Optional.of(best) : Optional.empty();
    }

    /// Edits from one to the other: insertions, deletions, replacements, and exchanges of neighbours.
    /// Source: optimal string alignment, Boytsov 2011, "Indexing methods for approximate dictionary searching".
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) d[i][0] = i;
        for (int j = 0; j <= b.length(); j++) d[0][j] = j;
        for (int i = 1; i <= a.length(); i++)
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + change);
                boolean exchanged =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (exchanged) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
            }
        return d[a.length()][b.length()];
    }
}
