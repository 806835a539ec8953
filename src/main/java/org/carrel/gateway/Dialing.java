package org.carrel.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.session.Endpoint;
import org.carrel.door.Preface;
import org.carrel.door.Refused;
import org.carrel.door.Status;
import org.carrel.http.RequestId;
import org.carrel.port.Carrier;
import org.carrel.port.Knock;
import org.carrel.port.Pages.Hindrance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens a connection to a session's workload: waits a little while its queue is full, and hangs up when its socket is
/// held by somebody else. Belongs to one request, on one event loop.
final class Dialing {
    private static final Logger log = LoggerFactory.getLogger(Dialing.class);
    private static final int TRIES = 8;
    private static final long PAUSE_MILLIS = 50;

    /// Who wants the connection. Exactly one of the last two is called, unless nobody wants it any more.
    interface Caller {
        boolean stillWants();

        void connected(UpstreamConnection fresh);

        void notConnected(Hindrance why, @Nullable Throwable cause);
    }

    private final Loop loop;
    private final HeldLease held;
    private final RequestId request;
    private final Caller caller;

    private Dialing(Loop loop, HeldLease held, RequestId request, Caller caller) {
        this.loop = loop;
        this.held = held;
        this.request = request;
        this.caller = caller;
    }

    /// @param held what it is opened under; counts it
    static void begin(Loop loop, HeldLease held, RequestId request, Caller caller) {
        new Dialing(loop, held, request, caller).dial(TRIES);
    }

    private void dial(int triesLeft) {
        if (!held.hasRoom()) {
            loop.services.metrics.refused(GatewayMetrics.Refusal.LIMIT);
            caller.notConnected(new Hindrance.Refused(503, "too many connections to this session at once"), null);
            return;
        }
        held.connecting();
        UpstreamConnection fresh = new UpstreamConnection(loop, held);
        Duration patience = loop.services.limits.silences().connect();
        switch (held.open.carrier()) {
            case Carrier.Near(Endpoint endpoint) -> {
                ChannelFuture connecting = loop.transport.connect(loop.executor, endpoint, patience, fresh);
                connecting.addListener(done -> dialled(done, connecting.channel(), fresh, triesLeft));
            }
            case Carrier.Far(SocketAddress door, Knock knock) ->
                loop.far()
                        .open(door, Preface.of(knock), patience, fresh)
                        .addListener((Future<Channel> done) -> farDialled(done, fresh));
        }
    }

    private void farDialled(Future<Channel> done, UpstreamConnection fresh) {
        if (done.isSuccess()) {
            if (caller.stillWants()) caller.connected(fresh);
            else done.getNow().close();
            return;
        }
        held.connectFailed();
        if (!caller.stillWants()) return;
        caller.notConnected(
                done.cause() instanceof Refused refused ? hindrance(refused.status()) : unreached(), done.cause());
    }

    /// The lease is asked for again when the owner's word has changed.
    private static Hindrance hindrance(Status status) {
        return status == Status.FULL
                ? new Hindrance.Refused(503, status.sentence())
                : new Hindrance.Silent(false, status.sentence());
    }

    private static Hindrance unreached() {
        return new Hindrance.Silent(false, "its machine can't be reached");
    }

    private void dialled(Future<?> done, Channel channel, UpstreamConnection fresh, int triesLeft) {
        if (!done.isSuccess()) {
            held.connectFailed();
            if (!caller.stillWants()) return;
            if (isQueueFull(done.cause()) && triesLeft > 0)
                loop.executor.schedule(() -> again(triesLeft - 1), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            else caller.notConnected(new Hindrance.Silent(false, "it accepts no connection"), done.cause());
            return;
        }
        if (!caller.stillWants()) {
            channel.close();
            return;
        }
        Optional<String> stranger = held.socketOwner.flatMap(owner -> Transport.stranger(channel, owner));
        if (stranger.isPresent()) {
            channel.close();
            log.warn(
                    "foreign socket refused session={} request={} expected_uid={} peer=\"{}\"",
                    held.key.session(),
                    request,
                    held.socketOwner.get().uid(),
                    stranger.get());
            caller.notConnected(new Hindrance.Silent(false, "its socket is held by another user"), null);
            return;
        }
        caller.connected(fresh);
    }

    private void again(int triesLeft) {
        if (caller.stillWants()) dial(triesLeft);
    }

    /// A unix socket whose backlog is full says so at once instead of making us wait.
    private static boolean isQueueFull(@Nullable Throwable cause) {
        String said = cause == null ? null : cause.getMessage();
        return said != null && said.contains("Resource temporarily unavailable");
    }
}
