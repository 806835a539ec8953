package org.carrel.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A configuration as it was written, before anybody gave it meaning. Every part knows where it stands.
sealed interface Tree {
    Where where();

    /// one word for messages
    String shape();

    /// Text as written: `2`, `"2"` and `no` are all just text; the reader of a setting gives them meaning.
    /// @param quoted it stood in quotes, or in a block; an unquoted empty text is "no value"
    record Text(Where where, String value, boolean quoted) implements Tree {
        @Override
        public String shape() {
            return isNothing() ? "nothing" : "\"" + shown(value) + "\"";
        }

        boolean isNothing() {
            return !quoted && (value.isEmpty() || value.equals("~") || value.equals("null"));
        }
    }

    record Items(Where where, List<Tree> items) implements Tree {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String shape() {
            return "a list";
        }
    }

    /// @param keyWhere by key: where the key itself stands
    record Fields(Where where, Map<String, Tree> values, Map<String, Where> keyWhere) implements Tree {
        public Fields {
            values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
            keyWhere = Map.copyOf(keyWhere);
        }

        static Fields empty(Where where) {
            return new Fields(where, Map.of(), Map.of());
        }

        Optional<Tree> get(String key) {
            return Optional.ofNullable(values.get(key));
        }

        Fields with(String key, Tree value) {
            Map<String, Tree> more = new LinkedHashMap<>(values);
            Map<String, Where> places = new LinkedHashMap<>(keyWhere);
            more.put(key, value);
            places.putIfAbsent(key, value.where());
            return new Fields(where, more, places);
        }

        /// @param path at least one key; sections that aren't there are made
        Fields with(List<String> path, Tree value) {
            String key = path.getFirst();
            if (path.size() == 1) return with(key, value);
            Fields inner = get(key).filter(Fields.class::isInstance)
                    .map(Fields.class::cast)
                    .orElse(Fields.empty(value.where()));
            return with(key, inner.with(path.subList(1, path.size()), value));
        }

        @Override
        public String shape() {
            return "a section";
        }
    }

    /// A value for a message: cut, and without control characters that could play with a terminal.
    static String shown(String value) {
        String cut = value.length() > 60 ? value.substring(0, 60) + "…" : value;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
