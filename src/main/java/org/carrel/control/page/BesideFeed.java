package org.carrel.control.page;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.carrel.http.Answer.Event;
import org.carrel.http.Feed;
import org.carrel.port.View;

/// `state` events of one session: the present state first, then each change. Ends when the session is gone from the
/// view or its reader is no longer signed in, which is looked at every 2 s.
final class BesideFeed implements Feed<Event> {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    private final Feed<View> views;
    private final Function<View, Optional<String>> stateIn;
    private final BooleanSupplier stillAllowed;
    private String last = "";
    private volatile boolean over;

    /// @param stateIn the state as one line of JSON; empty when the session is gone
    BesideFeed(Feed<View> views, Function<View, Optional<String>> stateIn, BooleanSupplier stillAllowed) {
        this.views = views;
        this.stateIn = stateIn;
        this.stillAllowed = stillAllowed;
    }

    @Override
    public Optional<Event> next(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!ended()) {
            if (!stillAllowed.getAsBoolean()) {
                close();
                break;
            }
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (left.isNegative()) break;
            Optional<View> view = views.next(left.compareTo(LOOK_EVERY) < 0 ? left : LOOK_EVERY);
            if (view.isEmpty()) continue;
            Optional<String> state = stateIn.apply(view.get());
            if (state.isEmpty()) close();
            if (state.isEmpty() || state.get().equals(last)) continue;
            last = state.get();
            return Optional.of(new Event("state", last));
        }
        return Optional.empty();
    }

    @Override
    public boolean ended() {
        return over || views.ended();
    }

    @Override
    public void close() {
        over = true;
        views.close();
    }
}
