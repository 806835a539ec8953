package org.carrel.http;

import java.time.Duration;
import java.util.Optional;

/// A stream of values with one reader. The reader closes it; closing wakes a reader that waits.
public interface Feed<T> extends AutoCloseable {
    /// Waits for the next value. @return empty when none came in time, or when the feed has ended: see `ended()`
    Optional<T> next(Duration patience) throws InterruptedException;

    boolean ended();

    @Override
    void close();
}
