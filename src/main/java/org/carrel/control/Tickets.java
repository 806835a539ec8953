package org.carrel.control;

import java.util.Optional;
import java.util.regex.Pattern;
import org.carrel.http.RequestId;

/// What somebody who waits in line shows to keep the place: the id of the first request, in letters that addresses
/// bear.
public final class Tickets {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private Tickets() {}

    public static RequestId of(RequestId first) {
        return new RequestId(first.value().replaceAll("[^A-Za-z0-9._-]", "-"));
    }

    /// @return empty for what was never given out
    public static Optional<RequestId> read(String text) {
        return SHAPE.matcher(text).matches() ? Optional.of(new RequestId(text)) : Optional.empty();
    }
}
