package org.carrel.api;

import java.util.List;

/// A list, always as an object, so that it can grow other fields.
public record Items<T>(List<T> items) {
    public Items {
        items = List.copyOf(items);
    }
}
