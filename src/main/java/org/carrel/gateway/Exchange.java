package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/// One request on its way to its answer. Everything here is called on the client's event loop.
interface Exchange {
    /// Whether body bytes are welcome now. When that becomes true the exchange calls `ClientConnection.resume`.
    boolean wantsBody();

    /// The body as it was sent, chunk framing included; else the data alone.
    boolean takesFraming();

    /// @param part now owned by the exchange
    void body(ByteBuf part);

    void bodyEnded();

    /// What was given by `body` shall move on.
    void flush();

    void clientWritable();

    /// The client went away, or sent something that ends its connection. Nothing more is to be written to it.
    void abandon();

    /// Looks at its time limits.
    void tick(long now);

    /// A right may have been lost since it began: what is no longer allowed ends.
    void recheck();

    /// Its answer has no end of its own: events, mostly. It isn't waited for when the gateway goes.
    default boolean isEndless() {
        return false;
    }

    /// The session and user it is carried for; empty for pages of our own.
    default Optional<HeldLease.Key> carriedFor() {
        return Optional.empty();
    }
}
