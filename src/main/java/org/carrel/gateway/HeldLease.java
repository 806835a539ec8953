package org.carrel.gateway;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.session.SessionId;
import org.carrel.gateway.restart.Message.Holder;
import org.carrel.port.Admission.Verdict.Open;
import org.carrel.port.Identities.Identity.Known;
import org.carrel.port.Knock.Traffic;
import org.carrel.port.SocketOwner;
import org.jspecify.annotations.Nullable;

/// Leave to carry one user's traffic to one session, with the connections that were opened under it. They are shared
/// with nobody else. Belongs to one event loop.
final class HeldLease {
    /// @param by all of it: the same user may hold proofs that allow less, or end sooner
    record Key(SessionId session, Known by, Traffic kind) {
        /// Few users share a session, so its name tells nearly all; the sets of a principal are slow to hash.
        @Override
        public int hashCode() {
            return 31 * session.hashCode() + kind.ordinal();
        }

        /// as it is told to another Carrel
        Holder holder() {
            return Holder.of(session, by, kind);
        }
    }

    private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(60);

    final Key key;
    final Open open;
    /// who alone may listen at its endpoint; empty for a port
    final Optional<SocketOwner> socketOwner;
    private final Limits limits;
    private final Deque<UpstreamConnection> idle = new ArrayDeque<>();
    private int connections;
    private int uses;
    private long lastUse;
    /// as `System.nanoTime`; what is injected is too old for new requests from then on
    private final OptionalLong staleAt;
    private boolean over;
    private @Nullable Rewriting rewriting;

    HeldLease(Key key, Open open, Optional<SocketOwner> socketOwner, Limits limits, long now) {
        this.key = key;
        this.open = open;
        this.socketOwner = socketOwner;
        this.limits = limits;
        this.lastUse = now;
        this.staleAt = open.fresh()
                .map(fresh -> OptionalLong.of(now + fresh.toNanos()))
                .orElseGet(OptionalLong::empty);
    }

    boolean isStillAllowed() {
        return !over && !isStale(System.nanoTime()) && open.lease().stillAllowed();
    }

    private boolean isStale(long now) {
        return staleAt.isPresent() && now - staleAt.getAsLong() >= 0;
    }

    /// Whoever it was given to hasn't signed out, nor lost the token or the account.
    boolean isStillProved() {
        return key.by().standing().holds();
    }

    Rewriting rewriting(Rewriting.Asked asked) {
        Rewriting last = rewriting;
        if (last != null && last.asked().equals(asked)) return last;
        Rewriting fresh = Rewriting.of(asked, key.by().principal(), open);
        rewriting = fresh;
        return fresh;
    }

    /// Something goes on under this lease; to be followed by `endUse`.
    void use() {
        uses++;
    }

    void endUse(long now) {
        uses--;
        lastUse = now;
        if (over && uses == 0) open.lease().close();
    }

    boolean hasRoom() {
        return connections < limits.counts().upstreamPerSession();
    }

    void connecting() {
        connections++;
    }

    void disconnected(UpstreamConnection gone) {
        connections--;
        idle.remove(gone);
    }

    void connectFailed() {
        connections--;
    }

    /// The one used last: the others may then grow old.
    Optional<UpstreamConnection> takeIdle() {
        return Optional.ofNullable(idle.pollLast());
    }

    /// @return false when it is not kept and must be closed
    boolean giveBack(UpstreamConnection connection) {
        if (over || idle.size() >= limits.counts().idleUpstreamPerSession()) return false;
        return idle.offerLast(connection);
    }

    /// @param recheck something may have been revoked
    /// @return false when it no longer holds or nobody has used it for a while: it is to be ended
    boolean tick(long now, boolean recheck) {
        long oldest = now - limits.silences().upstreamIdle().toNanos();
        while (!idle.isEmpty() && idle.peekFirst().idleSince() - oldest < 0)
            idle.pollFirst().close();
        return isStillAllowed() && (!recheck || isStillProved()) && (uses > 0 || now - lastUse < LIFE_NANOS);
    }

    /// No new use; what goes on may go on to its end.
    void end() {
        if (over) return;
        over = true;
        while (!idle.isEmpty()) idle.pollFirst().close();
        if (uses == 0) open.lease().close();
    }
}
