package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.carrel.door.FarConnections;
import org.carrel.gateway.http1.Bytes;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.gateway.http1.RawResponse;
import org.carrel.http.RequestId;

/// What one event loop has for itself, so that nothing on the way of a request needs a lock. Only ever touched by that
/// loop.
final class Loop {
    final EventLoop executor;
    final Services services;
    final Transport transport;
    final RawRequest request;
    final RawResponse response;
    final Bytes out = new Bytes(4096);
    final Leases leases;
    final Roster roster = new Roster();
    final Copies copies = new Copies();
    final Reception reception;
    final LateFlushes lateFlushes;
    private final String idStart = HexFormat.of().formatHex(randomBytes());
    private final Optional<FarConnections> far;
    private byte[] answerHead = new byte[1024];
    private long ids;
    /// nanoseconds, as of the last tick; good enough for limits on silence
    long now = System.nanoTime();
    private long checked = now;
    private long checkedVersion;

    Loop(EventLoop executor, Services services, Transport transport) {
        this.executor = executor;
        this.services = services;
        this.transport = transport;
        this.request = new RawRequest(services.limits.sizes().headFields());
        this.response = new RawResponse(services.limits.sizes().headFields());
        this.leases = new Leases(services.limits);
        this.reception = new Reception(this);
        this.lateFlushes = new LateFlushes(executor);
        this.far = services.trust.map(trust -> new FarConnections(executor, transport.tcp(), trust));
    }

    /// Connections to sessions on other nodes. Whoever has leave to carry traffic there got it by the same key.
    FarConnections far() {
        return far.orElseThrow(() -> new IllegalStateException("a session elsewhere, and no cluster key here"));
    }

    /// no connection of this loop is used any more
    void end() {
        leases.endAll();
        far.ifPresent(FarConnections::close);
    }

    void startTicking() {
        long millis = services.limits.silences().precision().toMillis();
        executor.scheduleAtFixedRate(this::tick, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        now = System.nanoTime();
        boolean recheck = isRecheckDue();
        roster.each(connection -> {
            connection.tick(now);
            if (recheck) connection.recheck();
        });
        leases.tick(now, recheck);
    }

    /// When somebody may have lost a right or a session may have ended, at the next tick; else now and then, for what
    /// passes with time. Read before anything is asked, so that no change falls between.
    private boolean isRecheckDue() {
        long known = services.identities.version() + services.views.current().version();
        boolean longAgo = now - checked > services.limits.silences().recheck().toNanos();
        if (known == checkedVersion && !longAgo) return false;
        checkedVersion = known;
        checked = now;
        return true;
    }

    /// Where the head of an answer is looked at; its content holds until the next answer on this loop.
    byte[] headArray(int length) {
        if (answerHead.length < length) answerHead = new byte[length * 2];
        return answerHead;
    }

    /// @return false when this loop has already ended
    boolean run(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }

    RequestId nextId() {
        return new RequestId(idStart + Long.toString(ids++, 36));
    }

    /// What was written into `out`, as one buffer with room for what may follow at once.
    ByteBuf takeOut(ByteBufAllocator allocator, int room) {
        return allocator.directBuffer(out.length() + room).writeBytes(out.array(), 0, out.length());
    }

    private static byte[] randomBytes() {
        byte[] bytes = new byte[5];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
