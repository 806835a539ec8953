package org.carrel.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import org.carrel.gateway.GatewayMetrics.Refusal;

/// The answer to connections there is no room for.
final class Crowded {
    private Crowded() {}

    static void turnAway(Loop loop, Channel channel) {
        loop.services.metrics.refused(Refusal.LIMIT);
        channel.writeAndFlush(Answers.plain(
                        loop, channel.alloc(), 503, "too many connections at once; try again in a moment"))
                .addListener(ChannelFutureListener.CLOSE);
    }
}
