package org.carrel.kind;

import java.util.List;

/// Kinds on a machine where nothing is installed.
public final class WithoutPrograms {
    private WithoutPrograms() {}

    public static KindDriver shiny() {
        return new ShinyDriver(new Programs(List.of()));
    }
}
