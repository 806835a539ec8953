package org.carrel.cluster;

import org.jspecify.annotations.Nullable;

/// What is made of a thing, once for as long as it stays the same. One thread.
/// @param <K> with an `equals` that says so
final class Last<K, V> {
    /// @param <E> what goes wrong when it can't be made; then nothing is kept
    interface Making<K, V, E extends Exception> {
        V of(K thing) throws E;
    }

    private record Made<K, V>(K of, V value) {}

    private @Nullable Made<K, V> last;

    <E extends Exception> V of(K thing, Making<K, V, E> making) throws E {
        Made<K, V> made = last;
        if (made == null || !made.of().equals(thing)) made = new Made<>(thing, making.of(thing));
        last = made;
        return made.value();
    }
}
