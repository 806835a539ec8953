package org.carrel.gateway;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/// Channels written to while one batch of events is read; all are flushed behind the batch.
///
/// A session's process sleeps when it has nothing to do, and waking it is the dearest part of a small write. Sent one
/// after the other without reads between them, the messages of a batch find it awake but for the first.
/// Belongs to one event loop.
final class LateFlushes {
    private final Executor loop;
    private final List<Channel> waiting = new ArrayList<>();

    /// @param loop runs what it is given when it has read all events that were at hand
    LateFlushes(Executor loop) {
        this.loop = loop;
    }

    /// A channel that is closed before its turn loses what was written, as with any write that was not flushed.
    void add(Channel written) {
        if (waiting.isEmpty()) loop.execute(this::flush);
        waiting.add(written);
    }

    private void flush() {
        // a flush can end connections, whose handlers may write to others
        for (int i = 0; i < waiting.size(); i++) waiting.get(i).flush();
        waiting.clear();
    }
}
