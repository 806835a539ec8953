package org.carrel.place;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Wish;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.Feed;
import org.carrel.port.Catalogue;
import org.carrel.port.NodeMetadata;
import org.carrel.port.ServiceNodes;
import org.carrel.port.Services;

/// Launches of services from this node, one of an app at a time. Each has a virtual thread; closing breaks them off,
/// and
/// what nodes were told to run they go on running.
public final class Launches implements Services, AutoCloseable {
    private final Rosters rosters;
    private final Catalogue catalogue;
    private final NodeMetadata metadata;
    private final ServiceNodes nodes;
    private final ConcurrentMap<AppId, Thread> underWay = new ConcurrentHashMap<>();

    Launches(Rosters rosters, Catalogue catalogue, NodeMetadata metadata, ServiceNodes nodes) {
        this.rosters = rosters;
        this.catalogue = catalogue;
        this.metadata = metadata;
        this.nodes = nodes;
    }

    @Override
    public Optional<Feed<Step>> launch(AppId app, int copies) {
        StepFeed steps = new StepFeed();
        Launch launch = new Launch(wish(app), copies, rosters.current(), metadata, nodes, steps);
        Thread thread = Thread.ofVirtual().name("launch-" + app).unstarted(() -> {
            try {
                launch.run();
            } finally {
                underWay.remove(app, Thread.currentThread());
            }
        });
        if (underWay.putIfAbsent(app, thread) != null) return Optional.empty();
        thread.start();
        return Optional.of(steps);
    }

    /// Of an app that isn't in this node's catalogue nobody here knows what it needs: each node that has it decides.
    private Wish wish(AppId app) {
        SessionKey key = new SessionKey(UserId.ofService(app.value()), app, SessionKey.DEFAULT_NAME);
        return catalogue
                .find(app)
                .map(entry ->
                        Wish.of(key, entry.app().demand()).needing(entry.app().needs()))
                .orElseGet(() -> Wish.of(key, Resources.NONE));
    }

    @Override
    public void close() {
        underWay.values().forEach(Thread::interrupt);
    }
}
