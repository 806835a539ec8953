package org.carrel.port;

/// Leave to carry one user's traffic to one session. Methods may be called from any thread and never block.
public interface Lease extends AutoCloseable {
    /// Bytes that came *from the user*: bodies and data frames, not polls, pings or plain GETs of pages.
    void sawInput(long bytes);

    /// A page of the user opened (+1) or closed (-1) a long-lived connection.
    void connections(int change);

    /// To be asked before each new connection, and on long ones whenever the view has changed.
    boolean stillAllowed();

    @Override
    void close();
}
