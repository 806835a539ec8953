package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.OptionalInt;
import org.carrel.gateway.GatewayMetrics.Refusal;
import org.carrel.gateway.restart.Message.Relayed;
import org.carrel.gateway.restart.Message.Talk;
import org.carrel.gateway.websocket.FrameException;
import org.carrel.gateway.websocket.FrameTracker;
import org.carrel.gateway.websocket.Frames;
import org.carrel.port.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A WebSocket between a browser and a workload: bytes pass as they are, frame headers are looked at on the way. So the
/// gateway knows what came from the user, keeps broken frames from both sides, and can put a ping between two frames to
/// notice a browser that has silently gone (workloads often don't).
final class WebSocketRelay implements Relay {
    private static final Logger log = LoggerFactory.getLogger(WebSocketRelay.class);
    private static final int MISSED_PINGS = 2;

    private final ClientConnection connection;
    private final UpstreamConnection upstreamConnection;
    private final Channel client;
    private final Channel upstream;
    private final HeldLease held;
    private final Lease lease;
    private final FrameTracker up;
    private final FrameTracker down;
    private final Limits.Silences silences;
    private final String query;
    private final boolean extended;
    private long heard;
    private int pings;
    private boolean over;

    /// @param query    of the request that opened it
    /// @param extended the workload agreed to an extension
    WebSocketRelay(
            ClientConnection connection, UpstreamConnection upstream, HeldLease held, String query, boolean extended) {
        Limits limits = connection.loop.services.limits;
        this.connection = connection;
        this.upstreamConnection = upstream;
        this.client = connection.channel;
        this.upstream = upstream.channel();
        this.held = held;
        this.lease = held.open.lease();
        this.query = query;
        this.extended = extended;
        // what an extension has packed can't be told by its first byte
        this.up = new FrameTracker(
                true,
                extended,
                limits.sizes().frameBytes(),
                extended ? OptionalInt.empty() : held.open.rules().inputLetter(query));
        this.down = new FrameTracker(false, extended, limits.sizes().frameBytes());
        this.silences = limits.silences();
        this.heard = connection.loop.now;
        lease.connections(1);
        connection.loop.services.metrics.webSockets(1);
    }

    @Override
    public void fromClient(ByteBuf bytes) {
        if (over) {
            bytes.release();
            return;
        }
        heard = connection.loop.now;
        pings = 0;
        try {
            long data = up.advance(bytes, bytes.readerIndex(), bytes.writerIndex());
            if (data > 0) lease.sawInput(data);
        } catch (FrameException broken) {
            bytes.release();
            refuse(broken);
            return;
        }
        upstream.write(bytes, upstream.voidPromise());
        if (!upstream.isWritable()) connection.keepReading(false);
    }

    @Override
    public void fromUpstream(ByteBuf bytes) {
        if (over) {
            bytes.release();
            return;
        }
        try {
            down.advance(bytes, bytes.readerIndex(), bytes.writerIndex());
        } catch (FrameException broken) {
            bytes.release();
            refuse(broken);
            return;
        }
        connection.write(bytes);
        if (!client.isWritable()) upstreamConnection.keepReading(false);
    }

    private void refuse(FrameException broken) {
        connection.loop.services.metrics.refused(Refusal.FRAME);
        log.info(
                "websocket refused code={} why=\"{}\" session={} user={}",
                broken.code(),
                broken.getMessage(),
                held.key.session(),
                held.key.by().principal().user());
        close(broken.code(), String.valueOf(broken.getMessage()));
    }

    /// Tells both sides, where a frame can be put without breaking another.
    private void close(int code, String why) {
        if (over) return;
        end();
        if (up.isBetweenFrames() && !up.isClosed())
            upstream.writeAndFlush(Frames.close(upstream.alloc(), code, why, true))
                    .addListener(ChannelFutureListener.CLOSE);
        else upstream.close();
        if (down.isBetweenFrames() && !down.isClosed())
            connection.write(Frames.close(client.alloc(), code, why, false));
        connection.closeAfterFlush(false);
    }

    @Override
    public void clientReadComplete() {
        connection.loop.lateFlushes.add(upstream);
    }

    @Override
    public void upstreamReadComplete() {
        connection.loop.lateFlushes.add(client);
    }

    @Override
    public void clientWritable() {
        upstreamConnection.keepReading(client.isWritable());
    }

    @Override
    public void upstreamWritable() {
        connection.keepReading(upstream.isWritable());
    }

    @Override
    public void clientFinished() {
        client.close();
    }

    @Override
    public void upstreamFinished() {
        upstream.close();
    }

    @Override
    public void clientClosed() {
        if (over) return;
        end();
        upstream.flush();
        upstream.close();
    }

    @Override
    public void upstreamClosed() {
        if (over) return;
        end();
        connection.closeAfterFlush(true);
    }

    private void end() {
        over = true;
        lease.connections(-1);
        connection.loop.services.metrics.webSockets(-1);
        held.endUse(connection.loop.now);
    }

    @Override
    public void tick(long now) {
        if (over) return;
        // while the workload is too slow to take more, the client isn't read and can't be heard
        if (!client.config().isAutoRead()) {
            heard = now;
            return;
        }
        long silent = now - heard;
        if (silent < silences.ping().toNanos() * (pings + 1)) return;
        if (pings == MISSED_PINGS) {
            log.info(
                    "websocket client is gone session={} user={}",
                    held.key.session(),
                    held.key.by().principal().user());
            client.close();
            return;
        }
        if (down.isBetweenFrames() && !down.isClosed() && client.isWritable()) {
            connection.write(Frames.ping(client.alloc()));
            client.flush();
        }
        pings++;
    }

    @Override
    public void recheck() {
        if (over) return;
        if (!held.isStillProved()) dismiss("you have signed out, or the token was revoked");
        else if (!lease.stillAllowed()) dismiss("the session has ended");
    }

    private void dismiss(String why) {
        log.info(
                "websocket ended code={} why=\"{}\" session={} user={}",
                Frames.POLICY,
                why,
                held.key.session(),
                held.key.by().principal().user());
        close(Frames.POLICY, why);
    }

    @Override
    public void drain() {
        close(Frames.GOING_AWAY, "the gateway is going away");
    }

    @Override
    public HeldLease.Key carriedFor() {
        return held.key;
    }

    @Override
    public void handOver(Departure to) {
        Talk talk = new Talk(query, extended, up.state(), down.state());
        if (over || !to.give(new Relayed(held.key.holder(), talk), client, upstream)) return;
        end();
        client.close();
        upstream.close();
    }

    /// Goes on with a talk that another gateway has begun.
    WebSocketRelay(ClientConnection connection, UpstreamConnection upstream, HeldLease held, Talk talk) {
        this(connection, upstream, held, talk.query(), talk.extended());
        up.resume(talk.up());
        down.resume(talk.down());
    }
}
