package org.carrel.door;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;

/// Asks a connection between nodes that has been silent for a while, and hangs up when it stays silent: a machine that
/// lost its power says no goodbye.
final class Pulse extends IdleStateHandler {
    private static final int SILENT_SECONDS = 5;
    private static final int ASKED_MOST = 2;
    private int asked;

    private Pulse() {
        super(SILENT_SECONDS, 0, 0, TimeUnit.SECONDS);
    }

    static void install(ChannelPipeline pipeline) {
        pipeline.addLast(new Pulse());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        asked = 0;
        super.channelRead(context, message);
    }

    @Override
    protected void channelIdle(ChannelHandlerContext context, IdleStateEvent event) {
        if (asked++ < ASKED_MOST) context.channel().writeAndFlush(new DefaultHttp2PingFrame(asked));
        else context.close();
    }
}
