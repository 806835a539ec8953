package org.carrel.door;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;

/// Makes a stream of a connection between nodes look like a socket: bytes in, bytes out, each direction ends by itself.
/// Source: RFC 9113, sections 5.1 and 6.1 (`END_STREAM`).
public final class StreamBytes extends ChannelDuplexHandler {
    private static final AttributeKey<Boolean> HALF_CLOSURE = AttributeKey.valueOf("carrel.half-closure");
    private static final Object END = new Object();

    StreamBytes() {}

    /// From now on the end of one direction is told (`ChannelInputShutdownEvent`) and doesn't close the other.
    public static void allowHalfClosure(Channel channel) {
        channel.attr(HALF_CLOSURE).set(true);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    /// Ends the outgoing direction of a socket or a stream, behind all that was written.
    /// @return done when it is on its way
    public static Future<?> endOutput(Channel channel) {
        if (!(channel instanceof DuplexChannel socket)) return channel.writeAndFlush(END);
        ChannelPromise ended = channel.newPromise();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(_ -> socket.shutdownOutput().addListener(_ -> ended.trySuccess()));
        return ended;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Http2DataFrame data) {
            boolean last = data.isEndStream();
            ByteBuf bytes = data.content();
            if (bytes.isReadable()) context.fireChannelRead(bytes);
            else bytes.release();
            if (last) ended(context);
        } else if (message instanceof Http2ResetFrame) {
            ReferenceCountUtil.release(message);
            context.close();
        } else ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Http2ResetFrame) context.close();
        else context.fireUserEventTriggered(event);
    }

    /// A stream that broke is closed, like a socket that was reset.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private static void ended(ChannelHandlerContext context) {
        if (Boolean.TRUE.equals(context.channel().attr(HALF_CLOSURE).get()))
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        else context.close();
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        // an empty one too: whoever writes it wants to know when all before it is out
        if (message instanceof ByteBuf bytes) {
            context.write(new DefaultHttp2DataFrame(bytes), promise);
        } else if (message == END) context.write(new DefaultHttp2DataFrame(true), promise);
        else context.write(message, promise);
    }
}
