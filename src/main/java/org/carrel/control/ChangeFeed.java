package org.carrel.control;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.carrel.http.Answer.Event;
import org.carrel.http.Feed;
import org.carrel.port.View;

/// Turns views into events: everything shown once, then what differs from the view before. A slow reader skips views,
/// so that no more is ever held than one view shows.
/// One reader, on its own virtual thread; `close` may come from any thread.
final class ChangeFeed implements Feed<Event> {
    /// begins keys of things whose disappearance isn't told
    static final String STAYS = "\0";

    private final Feed<View> views;
    private final Function<View, Map<String, Event>> show;
    private final Function<String, Event> gone;
    private final Predicate<View> last;
    private final ArrayDeque<Event> pending = new ArrayDeque<>();
    private Map<String, Event> told = new HashMap<>();
    private boolean finished;

    /// @param show what one reader may see of a view, by a key that stays
    /// @param gone tells that what a key stood for is no longer there
    /// @param last after this view the feed ends
    ChangeFeed(
            Feed<View> views,
            Function<View, Map<String, Event>> show,
            Function<String, Event> gone,
            Predicate<View> last) {
        this.views = views;
        this.show = show;
        this.gone = gone;
        this.last = last;
    }

    @Override
    public Optional<Event> next(Duration patience) throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (pending.isEmpty() && !finished) {
            long left = until - System.nanoTime();
            Optional<View> view = views.next(Duration.ofNanos(Math.max(0, left)));
            if (view.isPresent()) tell(view.get());
            else if (views.ended()) finished = true;
            else return Optional.empty();
        }
        return Optional.ofNullable(pending.poll());
    }

    @Override
    public boolean ended() {
        return finished && pending.isEmpty();
    }

    @Override
    public void close() {
        views.close();
    }

    private void tell(View view) {
        Map<String, Event> now = show.apply(view);
        now.forEach((key, event) -> {
            if (!event.equals(told.get(key))) pending.add(event);
        });
        for (String key : told.keySet())
            if (!now.containsKey(key) && !key.startsWith(STAYS)) pending.add(gone.apply(key));
        told = now;
        finished = last.test(view);
    }
}
