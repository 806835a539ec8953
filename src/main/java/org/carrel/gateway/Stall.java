package org.carrel.gateway;

import io.netty.channel.Channel;

/// Notices a client for whom bytes wait and who takes none of them.
final class Stall {
    private long waitingBytes;
    private long since;

    /// To be asked at every tick.
    /// @return whether not one byte was taken for longer than this
    boolean isOver(long nanos, Channel channel, long now) {
        var buffer = channel.unsafe().outboundBuffer();
        long waiting = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        if (waiting == 0 || waiting != waitingBytes) {
            waitingBytes = waiting;
            since = now;
            return false;
        }
        return now - since > nanos;
    }
}
