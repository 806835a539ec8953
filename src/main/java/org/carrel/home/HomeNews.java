package org.carrel.home;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.carrel.domain.node.NodeName;
import org.carrel.http.Feed;
import org.carrel.port.HomeDesk.Desks;
import org.carrel.port.OtherNode;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the books of the nodes together: each says a digest of its own once a second, and who sees another one asks
/// for the book. One thread; it asks one node at a time.
public final class HomeNews implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HomeNews.class);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final LocalHomes homes;
    private final Feed<View> views;
    private final Desks desks;
    private final Thread reader;

    /// @param views with the other nodes in them
    public HomeNews(LocalHomes homes, Views views, Desks desks) {
        this.homes = homes;
        this.views = views.follow();
        this.desks = desks;
        this.reader = Thread.ofVirtual().name("home-news").start(this::read);
    }

    private void read() {
        try {
            while (!views.ended()) {
                var view = views.next(PATIENCE);
                if (view.isPresent())
                    for (Map.Entry<NodeName, OtherNode> other :
                            view.get().others().entrySet()) ask(other.getKey(), other.getValue());
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask(NodeName name, OtherNode other) throws InterruptedException {
        boolean isNews =
                other.hint().map(hint -> !hint.homes().equals(homes.digest())).orElse(false);
        if (!isNews || other.state() == OtherNode.State.UNREACHABLE) return;
        try {
            homes.learn(desks.of(name).book());
        } catch (IOException silent) {
            log.debug("no homes heard node={} cause={}", name, silent.toString());
        }
    }

    @Override
    public void close() {
        reader.interrupt();
        views.close();
    }
}
