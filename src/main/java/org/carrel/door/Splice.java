package org.carrel.door;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Passes what one channel receives to the other, as fast as that one takes it. Each direction ends by itself; when one
/// channel is gone the other is closed, behind what was written to it. Both are on one event loop.
final class Splice extends ChannelInboundHandlerAdapter {
    private final Channel other;
    private @Nullable Future<?> passed;

    Splice(Channel other) {
        this.other = other;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        other.write(message, other.voidPromise());
        if (!other.isWritable()) {
            other.flush();
            if (!other.isWritable()) context.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        other.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (other.isActive()) other.config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) return;
        passed = StreamBytes.endOutput(other);
        passed.addListener(_ -> {
            Splice back = other.pipeline().get(Splice.class);
            if (back == null || back.passed == null || !back.passed.isDone()) return;
            other.close();
            context.close();
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (other.isActive()) other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> other.close());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
