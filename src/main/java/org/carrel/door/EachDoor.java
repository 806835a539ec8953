package org.carrel.door;

import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.carrel.port.Peers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A virtual thread for each of the other nodes' doors, begun when a door comes into the list, interrupted when it
/// goes. The list is looked at once a second, by the one thread that does so for all who follow doors.
final class EachDoor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EachDoor.class);
    private static final long LOOK_MILLIS = 1000;

    private final String name;
    private final Peers peers;
    private final Following following;
    private final Consumer<SocketAddress> gone;
    private final Map<SocketAddress, Thread> followed = new ConcurrentHashMap<>();
    private final ScheduledFuture<?> looking;
    private volatile boolean closed;

    /// Returns when there is nothing to follow at this door, until it goes and comes again.
    interface Following {
        void follow(SocketAddress door) throws InterruptedException;
    }

    /// @param lookout never blocked for longer than a name takes to be looked up
    /// @param gone told after a door left the list
    EachDoor(
            String name,
            ScheduledExecutorService lookout,
            Peers peers,
            Following following,
            Consumer<SocketAddress> gone) {
        this.name = name;
        this.peers = peers;
        this.following = following;
        this.gone = gone;
        this.looking = lookout.scheduleAtFixedRate(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            Set<SocketAddress> doors = new HashSet<>(peers.doors());
            for (SocketAddress door : doors) followed.computeIfAbsent(door, this::begin);
            followed.forEach((door, thread) -> {
                if (!doors.contains(door)) end(door, thread);
            });
        } catch (RuntimeException failed) {
            log.error("other nodes' doors not looked at for={}", name, failed);
        }
        // a look takes as long as a name's; who closes doesn't wait for it
        if (closed) followed.values().forEach(Thread::interrupt);
    }

    private Thread begin(SocketAddress door) {
        return Thread.ofVirtual().name(name + "-" + door).start(() -> {
            try {
                following.follow(door);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void end(SocketAddress door, Thread thread) {
        thread.interrupt();
        followed.remove(door, thread);
        gone.accept(door);
    }

    @Override
    public void close() {
        closed = true;
        looking.cancel(false);
        followed.values().forEach(Thread::interrupt);
    }
}
