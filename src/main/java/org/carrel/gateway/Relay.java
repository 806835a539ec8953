package org.carrel.gateway;

import io.netty.buffer.ByteBuf;

/// Both directions of a connection that is no longer HTTP. Called on the client's event loop, which is also the
/// workload's.
interface Relay {
    /// @param bytes now owned by the relay
    void fromClient(ByteBuf bytes);

    /// @param bytes now owned by the relay
    void fromUpstream(ByteBuf bytes);

    void clientReadComplete();

    void upstreamReadComplete();

    void clientWritable();

    void upstreamWritable();

    /// its input ended; the other direction may go on
    void clientFinished();

    void upstreamFinished();

    void clientClosed();

    void upstreamClosed();

    void tick(long now);

    /// A right may have been lost since it began: what is no longer allowed ends.
    void recheck();

    /// The gateway goes away.
    void drain();

    /// whose traffic it is
    HeldLease.Key carriedFor();

    /// Gives both connections away as they are, when nothing is on its way between them.
    void handOver(Departure to);
}
