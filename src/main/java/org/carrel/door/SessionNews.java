package org.carrel.door;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.http.Feed;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.jspecify.annotations.Nullable;

/// The sessions of this node's agent for those that follow them: all at first, then what changed since the mark that
/// came with the last answer. In a burst of starts a whole list for each change cost more than the starts.
final class SessionNews {
    /// Sessions that went, kept for who was away meanwhile. Who was away for more is told the whole list.
    static final int GONE_MOST = 1_000;

    private final Views views;
    /// Marks of another life of this program, whose count began anew, aren't ours.
    private final String life = Long.toHexString(ThreadLocalRandom.current().nextLong());

    private final Map<SessionId, Told> present = new HashMap<>();
    private final Deque<Gone> gone = new ArrayDeque<>();
    private long version = -1;
    private long count;
    private long oldest;

    private record Told(Session session, long count) {}

    private record Gone(SessionId id, long count) {}

    /// @param mark to ask with next
    /// @param whole whether `changed` is all there is, whatever was told before
    record Since(String mark, boolean whole, List<Session> changed, List<SessionId> gone) {
        boolean tells() {
            return whole || !changed.isEmpty() || !gone.isEmpty();
        }
    }

    /// @param views of this node's agent, not of the cluster
    SessionNews(Views views) {
        this.views = views;
    }

    /// At once when there is news, else as soon as there is some, or nothing when the patience is over.
    /// @param mark of the last answer; null for the whole list
    Since after(@Nullable String mark, Duration patience) throws InterruptedException {
        Since since = since(mark);
        if (since.tells()) return since;
        long deadline = System.nanoTime() + patience.toNanos();
        try (Feed<View> changes = views.follow()) {
            while (!since.tells() && !changes.ended() && System.nanoTime() < deadline) {
                changes.next(Duration.ofNanos(deadline - System.nanoTime()));
                since = since(mark);
            }
        }
        return since;
    }

    private synchronized Since since(@Nullable String mark) {
        look();
        long from = counted(mark);
        List<Session> changed = new ArrayList<>();
        for (Told told : present.values()) if (told.count > from) changed.add(told.session);
        List<SessionId> went = new ArrayList<>();
        for (Gone one : gone) if (one.count > from && from >= 0) went.add(one.id);
        return new Since(life + "-" + count, from < 0, changed, went);
    }

    /// What happened until the mark; -1 when it says nothing about this list, or too much happened since.
    private long counted(@Nullable String mark) {
        if (mark == null || !mark.startsWith(life + "-")) return -1;
        try {
            long from = Long.parseLong(mark.substring(life.length() + 1));
            return from < oldest || from > count ? -1 : from;
        } catch (NumberFormatException none) {
            return -1;
        }
    }

    private void look() {
        View view = views.current();
        if (view.version() == version) return;
        version = view.version();
        count++;
        view.sessions().forEach((id, session) -> {
            Told before = present.get(id);
            if (before == null || !before.session.equals(session)) present.put(id, new Told(session, count));
        });
        if (present.size() == view.sessions().size()) return;
        present.keySet().removeIf(id -> {
            if (view.sessions().containsKey(id)) return false;
            gone.add(new Gone(id, count));
            return true;
        });
        while (gone.size() > GONE_MOST) oldest = gone.remove().count;
    }
}
