package org.carrel.port;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.carrel.http.Feed;

/// Where the present view hangs. One thread replaces it, any thread reads it.
public final class ViewBoard implements Views, AutoCloseable {
    /// Readers at once; one page of a waiting user is one.
    public static final int FOLLOWERS_MOST = 4096;

    private final Set<LatestFeed<View>> followers = ConcurrentHashMap.newKeySet();
    private volatile View current = View.EMPTY;
    private volatile boolean closed;

    @Override
    public View current() {
        return current;
    }

    public void publish(View view) {
        current = view;
        for (LatestFeed<View> follower : followers) follower.offer(view);
    }

    /// @return a feed that has ended already when there are too many readers, or the agent is closed
    @Override
    public Feed<View> follow() {
        LatestFeed<View>[] self = newArray();
        LatestFeed<View> feed = new LatestFeed<>(() -> followers.remove(self[0]));
        self[0] = feed;
        if (closed || followers.size() >= FOLLOWERS_MOST) {
            feed.close();
            return feed;
        }
        followers.add(feed);
        // after joining: a view published in between is then offered twice rather than missed
        feed.offer(current);
        if (closed) feed.close();
        return feed;
    }

    @Override
    public void close() {
        closed = true;
        for (LatestFeed<View> follower : followers) follower.close();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static LatestFeed<View>[] newArray() {
        return new LatestFeed[1];
    }
}
