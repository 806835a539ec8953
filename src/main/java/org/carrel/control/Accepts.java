package org.carrel.control;

import java.util.List;
import java.util.Locale;

/// Whether a client takes a media type. Source: RFC 9110, 12.5.1; of the weights only "0: never" matters here, since
/// every resource has one form.
final class Accepts {
    private Accepts() {}

    /// @param accept values of all `Accept` headers; none: anything is taken
    /// @param type   for example `application/json`, lower case
    static boolean takes(List<String> accept, String type) {
        if (accept.isEmpty()) return true;
        String family = type.substring(0, type.indexOf('/') + 1) + "*";
        int best = -1;
        boolean taken = false;
        for (String header : accept) {
            for (String range : header.toLowerCase(Locale.ROOT).split(",")) {
                String[] parts = range.split(";");
                String name = parts[0].trim();
                int precision = name.equals(type) ? 2 : name.equals(family) ? 1 : name.equals("*/*") ? 0 : -1;
                if (precision <= best) continue;
                best = precision;
                taken = !isNever(parts);
            }
        }
        return taken;
    }

    private static boolean isNever(String[] parts) {
        for (int i = 1; i < parts.length; i++) if (parts[i].trim().matches("q=0(\\.0{0,3})?")) return true;
        return false;
    }
}
