package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.carrel.door.StreamBytes;
import org.carrel.gateway.restart.Message.Relayed;
import org.carrel.gateway.tls.Tls;
import org.carrel.port.Lease;

/// Bytes both ways, after an upgrade to something that isn't a WebSocket. Each direction ends by itself: whoever has
/// finished sending may go on reading.
final class RawRelay implements Relay {
    private final ClientConnection connection;
    private final UpstreamConnection upstreamConnection;
    private final Channel client;
    private final Channel upstream;
    private final HeldLease held;
    private final Lease lease;
    private final Limits.Silences silences;
    private long lastMove;
    private boolean clientFinished;
    private boolean upstreamFinished;
    private boolean over;

    RawRelay(ClientConnection connection, UpstreamConnection upstream, HeldLease held) {
        this.connection = connection;
        this.upstreamConnection = upstream;
        this.client = connection.channel;
        this.upstream = upstream.channel();
        this.held = held;
        this.lease = held.open.lease();
        this.silences = connection.loop.services.limits.silences();
        this.lastMove = connection.loop.now;
        StreamBytes.allowHalfClosure(client);
        StreamBytes.allowHalfClosure(this.upstream);
        lease.connections(1);
    }

    @Override
    public void fromClient(ByteBuf bytes) {
        lastMove = connection.loop.now;
        lease.sawInput(bytes.readableBytes());
        upstream.write(bytes, upstream.voidPromise());
        if (!upstream.isWritable()) connection.keepReading(false);
    }

    @Override
    public void fromUpstream(ByteBuf bytes) {
        lastMove = connection.loop.now;
        connection.write(bytes);
        if (!client.isWritable()) upstreamConnection.keepReading(false);
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
        clientFinished = true;
        passEnd(upstream);
    }

    @Override
    public void upstreamFinished() {
        upstreamFinished = true;
        passEnd(client);
    }

    private void passEnd(Channel to) {
        Tls.finishOutput(to).addListener(_ -> {
            if (clientFinished && upstreamFinished) {
                client.close();
                upstream.close();
            }
        });
    }

    @Override
    public void clientClosed() {
        end();
        upstream.close();
    }

    @Override
    public void upstreamClosed() {
        if (over) return;
        end();
        connection.closeAfterFlush(true);
    }

    private void end() {
        if (over) return;
        over = true;
        lease.connections(-1);
        held.endUse(connection.loop.now);
    }

    @Override
    public void tick(long now) {
        if (now - lastMove > silences.answer().toNanos()) client.close();
    }

    @Override
    public void recheck() {
        if (!held.isStillProved() || !lease.stillAllowed()) client.close();
    }

    @Override
    public void drain() {
        client.close();
    }

    @Override
    public HeldLease.Key carriedFor() {
        return held.key;
    }

    @Override
    public void handOver(Departure to) {
        if (over || !to.give(new Relayed(held.key.holder(), null), client, upstream)) return;
        end();
        client.close();
        upstream.close();
    }
}
