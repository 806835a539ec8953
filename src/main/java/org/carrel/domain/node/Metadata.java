package org.carrel.domain.node;

import static org.carrel.domain.Require.require;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// What a node remembers of itself: small texts that are set while it runs. Everybody in the cluster may read them:
/// no place for secrets.
/// @param entries at most 64; keys are 1 to 64 of `a-z 0-9 . _ -`, values up to 256 characters without control ones
public record Metadata(Map<String, String> entries) {
    public static final int MOST = 64;
    public static final int VALUE_MOST = 256;
    public static final Metadata NONE = new Metadata(Map.of());
    private static final Pattern KEY = Pattern.compile("[a-z0-9._-]{1,64}");

    public Metadata {
        require(entries.size() <= MOST, "a node remembers at most " + MOST + " entries; remove some first");
        entries.forEach(Metadata::check);
        entries = Map.copyOf(entries);
    }

    /// @param remove keys; one that isn't there is no fault. What is also set, is set
    public record Change(Map<String, String> set, Set<String> remove) {
        /// reads only
        public static final Change NOTHING = new Change(Map.of(), Set.of());

        public Change {
            set.forEach(Metadata::check);
            remove.forEach(key -> Require.matching(KEY, key, "the key of an entry"));
            set = Map.copyOf(set);
            remove = Set.copyOf(remove);
        }

        public static Change set(String key, String value) {
            return new Change(Map.of(key, value), Set.of());
        }

        public static Change remove(String key) {
            return new Change(Map.of(), Set.of(key));
        }
    }

    /// @throws IllegalArgumentException when there would be too many
    public Metadata with(Change change) {
        Map<String, String> next = new TreeMap<>(entries);
        next.keySet().removeAll(change.remove());
        next.putAll(change.set());
        return next.equals(entries) ? this : new Metadata(next);
    }

    private static void check(String key, String value) {
        Require.matching(KEY, key, "the key of an entry");
        require(
                value.length() <= VALUE_MOST,
                "the value of " + key + " must have at most " + VALUE_MOST + " characters, not " + value.length());
        require(
                value.chars().noneMatch(Character::isISOControl),
                "the value of " + key + " must have no control characters");
    }
}
