package org.carrel.door;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.carrel.port.Peers;

/// A virtual thread for each of the other nodes' doors, begun when a door comes into the list, interrupted when it
/// goes.
final class EachDoor implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final String name;
    private final Peers peers;
    private final Following following;
    private final Consumer<SocketAddress> gone;
    private final Map<SocketAddress, Thread> followed = new ConcurrentHashMap<>();
    private final Thread looker;

    /// Returns when there is nothing to follow at this door, until it goes and comes again.
    interface Following {
        void follow(SocketAddress door) throws InterruptedException;
    }

    /// @param gone told after a door left the list
    EachDoor(String name, Peers peers, Following following, Consumer<SocketAddress> gone) {
        this.name = name;
        this.peers = peers;
        this.following = following;
        this.gone = gone;
        this.looker = Thread.ofVirtual().name(name + "s").start(this::look);
    }

    private void look() {
        try {
            while (true) {
                Set<SocketAddress> doors = new HashSet<>(peers.doors());
                for (SocketAddress door : doors) followed.computeIfAbsent(door, this::begin);
                followed.forEach((door, thread) -> {
                    if (!doors.contains(door)) end(door, thread);
                });
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
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
        looker.interrupt();
        followed.values().forEach(Thread::interrupt);
    }
}
