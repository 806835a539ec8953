package org.carrel.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.http.Feed;
import org.carrel.port.OtherNode;
import org.carrel.port.View;
import org.carrel.port.ViewBoard;
import org.carrel.port.Views;

/// The view of a node in a cluster: its own agent's, with the others in it. Outlives membership: what was
/// last known of the others stays, until membership is back and knows better.
public final class ClusterViews implements Views, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Feed<View> own;
    private final ViewBoard board = new ViewBoard();
    private final Thread folder;
    private View last;
    private Map<NodeName, OtherNode> others = Map.of();
    /// of the views that are given out; the agent's own rises by itself, changes of the others add to it
    private long changes;

    /// @param own the agent's
    public ClusterViews(Views own) {
        this.last = own.current();
        board.publish(last);
        this.own = own.follow();
        folder = Thread.ofVirtual().name("view-folder").start(this::fold);
    }

    private void fold() {
        try {
            while (!own.ended()) {
                Optional<View> next = own.next(PATIENCE);
                if (next.isPresent()) ofAgent(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private synchronized void ofAgent(View view) {
        last = view;
        publish();
    }

    /// Called by membership, each time anything about the others has changed.
    synchronized void others(Map<NodeName, OtherNode> seen) {
        if (seen.equals(others)) return;
        if (isNews(seen)) changes++;
        others = Map.copyOf(seen);
        publish();
    }

    /// Loads and phi change every second and are no news.
    private boolean isNews(Map<NodeName, OtherNode> seen) {
        if (!seen.keySet().equals(others.keySet())) return true;
        for (Map.Entry<NodeName, OtherNode> entry : seen.entrySet()) {
            OtherNode before = others.get(entry.getKey());
            OtherNode after = entry.getValue();
            if (before == null || before.state() != after.state()) return true;
            if (!before.hint().map(OtherNode.Hint::sessions).equals(after.hint().map(OtherNode.Hint::sessions)))
                return true;
        }
        return false;
    }

    private void publish() {
        board.publish(new View(last.version() + changes, last.sessions(), last.samples(), last.nodes(), others));
    }

    @Override
    public View current() {
        return board.current();
    }

    @Override
    public Feed<View> follow() {
        return board.follow();
    }

    @Override
    public void close() {
        folder.interrupt();
        own.close();
        board.close();
    }
}
