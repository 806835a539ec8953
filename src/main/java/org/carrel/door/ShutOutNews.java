package org.carrel.door;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import org.carrel.domain.node.NodeId;
import org.carrel.port.Peers;
import org.carrel.trust.ShutOutList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Learns from every other node's door who is shut out: each answers as soon as its list has changed. What was missed
/// is heard from any that didn't, as `ProofNews` does with sign-outs.
public final class ShutOutNews implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ShutOutNews.class);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = ShutOutCalls.PATIENCE.plusSeconds(5);

    private final NodeId me;
    private final PeerCalls calls;
    private final ShutOutList list;
    private final EachDoor followed;

    public ShutOutNews(NodeId me, ScheduledExecutorService lookout, Peers peers, PeerCalls calls, ShutOutList list) {
        this.me = me;
        this.calls = calls;
        this.list = list;
        this.followed = new EachDoor("shut-out-new", lookout, peers, this::follow, door -> {});
    }

    private void follow(SocketAddress door) throws InterruptedException {
        String digest = "";
        boolean failing = false;
        while (true) {
            try {
                Words.ShutOut told = calls.call(
                        door,
                        Words.SHUT_OUT,
                        new Words.AskShutOut(digest, ShutOutCalls.PATIENCE.toMillis()),
                        Words.ShutOut.class,
                        PATIENCE);
                if (new NodeId(told.nodeId()).equals(me)) return; // our own door
                digest = told.digest();
                list.learn(ShutOutCalls.read(told));
                failing = false;
                Thread.sleep(PAUSE);
            } catch (IOException | IllegalArgumentException unheard) {
                if (!failing) log.warn("not heard who is shut out door={} cause=\"{}\"", door, unheard.getMessage());
                failing = true;
                Thread.sleep(AFTER_FAILURE);
            }
        }
    }

    @Override
    public void close() {
        followed.close();
    }
}
