package org.carrel.control;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.api.HappenedInfo;
import org.carrel.api.NodeInfo;
import org.carrel.http.Feed;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.jspecify.annotations.Nullable;

/// What has happened to the nodes since this one began, newest first: at most `MOST` things, so that whoever opens the
/// map sees what came before. One thread.
public final class Timeline implements AutoCloseable {
    static final int MOST = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final NodeFolding folding;
    private final InstantSource time;
    private final Feed<View> views;
    private final Deque<HappenedInfo> happened = new ArrayDeque<>();
    private final Map<String, NodeInfo> known = new HashMap<>();
    private final Thread reader;

    public Timeline(Views views, NodeFolding folding, InstantSource time) {
        this.folding = folding;
        this.time = time;
        this.views = views.follow();
        take(views.current());
        reader = Thread.ofVirtual().name("timeline").start(this::read);
    }

    private void read() {
        try {
            while (!views.ended()) views.next(PATIENCE).ifPresent(this::take);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized void take(View view) {
        Map<String, NodeInfo> present = new HashMap<>();
        view.nodes().stream().map(folding::fold).forEach(node -> present.put(node.name(), node));
        view.others().values().stream().map(folding::fold).forEach(node -> present.put(node.name(), node));
        for (Iterator<String> names = known.keySet().iterator(); names.hasNext(); ) {
            String name = names.next();
            if (present.containsKey(name)) continue;
            add(name, "gone", null, null);
            names.remove();
        }
        present.forEach((name, now) -> compare(Optional.ofNullable(known.put(name, now)), now));
    }

    private void compare(Optional<NodeInfo> before, NodeInfo now) {
        if (before.isEmpty()) {
            add(now.name(), "seen", now.state(), null);
            return;
        }
        NodeInfo then = before.get();
        boolean wasSilent = then.since().equals(Instant.EPOCH);
        if (!then.state().equals(now.state())) add(now.name(), "became", now.state(), null);
        else if (!wasSilent && !then.since().equals(now.since())) add(now.name(), "restarted", null, null);
        if (!then.version().isEmpty() && !then.version().equals(now.version()))
            add(now.name(), "version", null, now.version());
    }

    private void add(String node, String what, @Nullable String state, @Nullable String version) {
        happened.addFirst(new HappenedInfo(time.instant(), node, what, state, version));
        if (happened.size() > MOST) happened.removeLast();
    }

    synchronized List<HappenedInfo> happened() {
        return List.copyOf(happened);
    }

    @Override
    public void close() {
        reader.interrupt();
        views.close();
    }
}
