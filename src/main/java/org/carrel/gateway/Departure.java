package org.carrel.gateway;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.carrel.gateway.restart.Listening;
import org.carrel.gateway.restart.Message.Handed;
import org.carrel.gateway.restart.Message.Holder;
import org.carrel.gateway.restart.Message.Use;
import org.carrel.gateway.restart.Parcel;
import org.carrel.gateway.restart.Sockets;
import org.carrel.gateway.tls.Tls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A gateway on its way out, while another takes its place: begins no request, gives away every connection that has
/// nothing under way, and carries the rest to its end.
///
/// One thread walks it: `settle`, then `sweep` again and again. What it gives out belongs to that thread.
public final class Departure {
    private static final Logger log = LoggerFactory.getLogger(Departure.class);
    static final int EARLY_BYTES = 64 * 1024;
    private static final long SWEEP_MILLIS = 5;

    private final Gateway gateway;
    private final List<Listening> listeners;
    private final ConcurrentLinkedQueue<Parcel> given = new ConcurrentLinkedQueue<>();
    private final Map<Holder, Integer> staying = new HashMap<>();
    private volatile boolean pagesOver;
    private int pages;

    Departure(Gateway gateway, List<Listening> listeners) {
        this.gateway = gateway;
        this.listeners = List.copyOf(listeners);
    }

    /// What listened, still able to; owned by the caller.
    public List<Listening> listeners() {
        return listeners;
    }

    /// Sweeps until the answers of our own pages have ended, all in all once at least. Those that take longer are cut.
    public void settle(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        sweep();
        while (pages() > 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(SWEEP_MILLIS);
            sweep();
        }
        pagesOver = true;
        gateway.forgetIdle();
        sweep();
    }

    /// Looks at every connection once.
    public void sweep() {
        synchronized (this) {
            staying.clear();
            pages = 0;
        }
        gateway.sweep(this);
    }

    /// @return what was given away since the last call; owned by the caller
    public List<Parcel> parcels() {
        List<Parcel> taken = new ArrayList<>();
        for (Parcel next = given.poll(); next != null; next = given.poll()) taken.add(next);
        return taken;
    }

    /// what the last sweep left, by user and session
    public synchronized List<Use> staying() {
        return staying.entrySet().stream()
                .map(entry -> new Use(entry.getKey(), entry.getValue()))
                .sorted((a, b) -> a.holder().session().compareTo(b.holder().session()))
                .toList();
    }

    /// client connections it still has
    public int connections() {
        return gateway.connections();
    }

    /// On a loop, like everything below.
    /// @return the channels' sockets are on their way; the channels must be closed now
    boolean give(Handed what, Channel... channels) {
        UnixChannel[] sockets = new UnixChannel[channels.length];
        for (int i = 0; i < channels.length; i++) {
            if (!(channels[i] instanceof UnixChannel unix) || !isReady(channels[i])) return false;
            sockets[i] = unix;
        }
        try {
            given.add(new Parcel(what, Sockets.of(sockets)));
            return true;
        } catch (IOException full) {
            log.warn("a connection can't be handed over; it stays until it ends cause=\"{}\"", full.getMessage());
            return false;
        }
    }

    private static boolean isReady(Channel channel) {
        return channel.isActive() && !hasUnsent(channel) && Tls.isBare(channel);
    }

    private static boolean hasUnsent(Channel channel) {
        var buffer = channel.unsafe().outboundBuffer();
        return buffer != null && buffer.totalPendingWriteBytes() > 0;
    }

    boolean isPagesOver() {
        return pagesOver;
    }

    synchronized void waitForPage() {
        pages++;
    }

    synchronized void staysFor(HeldLease.Key key) {
        staying.merge(key.holder(), 1, Integer::sum);
    }

    private synchronized int pages() {
        return pages;
    }
}
