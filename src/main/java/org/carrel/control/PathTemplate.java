package org.carrel.control;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A path with names in braces, for example `/api/v1/sessions/{id}`. A name stands for exactly one segment, at least
/// one character, without percent-escapes: nothing we name needs one, and what isn't decoded can't be read two ways.
record PathTemplate(String text) {
    List<String> segments() {
        return List.of(text.substring(1).split("/", -1));
    }

    List<String> names() {
        return segments().stream()
                .filter(PathTemplate::isName)
                .map(PathTemplate::nameIn)
                .toList();
    }

    /// @return what stands for each name; empty when the path is another one
    Optional<Map<String, String>> match(String path) {
        String[] given = path.substring(1).split("/", -1);
        List<String> wanted = segments();
        if (given.length != wanted.size()) return Optional.empty();
        Map<String, String> found = new HashMap<>();
        for (int i = 0; i < given.length; i++) {
            String segment = wanted.get(i);
            if (isName(segment)) {
                if (given[i].isEmpty() || given[i].indexOf('%') >= 0) return Optional.empty();
                found.put(nameIn(segment), given[i]);
            } else if (!segment.equals(given[i])) {
                return Optional.empty();
            }
        }
        return Optional.of(found);
    }

    private static boolean isName(String segment) {
        return segment.startsWith("{");
    }

    private static String nameIn(String segment) {
        return segment.substring(1, segment.length() - 1);
    }
}
