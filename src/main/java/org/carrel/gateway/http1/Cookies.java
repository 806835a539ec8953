package org.carrel.gateway.http1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Which cookies pass. Ours never reach a workload, and no workload sets, clears or shadows one of ours.
final class Cookies {
    private static final String OURS = "carrel_";
    private static final List<String> GUARDS = List.of("__host-", "__secure-");

    private Cookies() {}

    static boolean isOurs(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (String guard : GUARDS) if (lower.startsWith(guard)) lower = lower.substring(guard.length());
        return lower.startsWith(OURS);
    }

    /// Whether there may be one of ours in this value; quick, and never wrongly no.
    static boolean mayHoldOurs(byte[] bytes, int from, int to) {
        for (int i = from; i + OURS.length() <= to; i++)
            if ((bytes[i] | 0x20) == 'c' && Chars.same(bytes, i, i + OURS.length(), OURS)) return true;
        return false;
    }

    /// as they are compared
    static Set<String> names(Set<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /// @param value    of a `Cookie` field
    /// @param withheld `names` that are taken out, as ours are
    /// @return what is left for the workload; empty when nothing is
    static String without(String value, Set<String> withheld) {
        StringBuilder kept = new StringBuilder(value.length());
        for (String pair : value.split(";")) {
            String trimmed = pair.strip();
            if (trimmed.isEmpty() || isOurs(nameOf(trimmed)) || isOneOf(withheld, nameOf(trimmed))) continue;
            if (!kept.isEmpty()) kept.append("; ");
            kept.append(trimmed);
        }
        return kept.toString();
    }

    private static boolean isOneOf(Set<String> names, String name) {
        return !names.isEmpty() && names.contains(name.strip().toLowerCase(Locale.ROOT));
    }

    /// @param value    of a `Set-Cookie` field of a workload
    /// @param withheld `names` that browsers never get
    /// @return what the browser gets; empty when it must not get it
    static Optional<String> mended(String value, Way way, Set<String> withheld) {
        String[] parts = value.split(";");
        if (parts.length == 0) return Optional.empty();
        String name = nameOf(parts[0].strip()).strip();
        // a cookie without a name is sent as its bare value, which may look like one of ours
        if (name.isEmpty() || parts[0].strip().startsWith("=") || isOurs(name)) return Optional.empty();
        if (isOneOf(withheld, name)) return Optional.empty();
        if (!way.ownOrigin() && isGuarded(name)) return Optional.empty();
        List<String> kept = new ArrayList<>();
        kept.add(parts[0].strip());
        Optional<String> path = Optional.empty();
        for (int i = 1; i < parts.length; i++) {
            String attribute = parts[i].strip();
            String attributeName = nameOf(attribute).strip().toLowerCase(Locale.ROOT);
            if (attributeName.equals("domain")) return Optional.empty();
            if (attributeName.equals("path") && !way.ownOrigin())
                path = Optional.of(
                        attribute.substring(attribute.indexOf('=') + 1).strip());
            else if (!attribute.isEmpty()) kept.add(attribute);
        }
        path.ifPresent(wanted -> kept.add("Path=" + mendedPath(wanted, way)));
        return Optional.of(String.join("; ", kept));
    }

    private static String mendedPath(String path, Way way) {
        if (way.isBelowPrefix(path)) return path;
        return way.strips() && path.startsWith("/") ? way.prefix() + path : way.prefix() + "/";
    }

    private static boolean isGuarded(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return GUARDS.stream().anyMatch(lower::startsWith);
    }

    private static String nameOf(String pair) {
        int equals = pair.indexOf('=');
        return equals < 0 ? pair : pair.substring(0, equals);
    }
}
