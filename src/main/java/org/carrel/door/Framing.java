package org.carrel.door;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.PromiseCombiner;

/// A stream of bytes in a WebSocket's binary frames. Where a message or a frame ends means nothing: proxies may cut and
/// join them. Text means that somebody else is there.
///
/// What comes before and behind it is the same as on a socket: its writability is the socket's, and a frame is passed
/// on as it comes.
final class Framing extends ChannelDuplexHandler {
    /// payload of one frame, both ways
    static final int FRAME_MOST = 64 * 1024;

    static final String PROTOCOL = "carrel-door";

    /// To be put behind a WebSocket's decoder and encoder.
    static void install(Channel channel) {
        channel.pipeline().addLast(new Framing());
    }

    private Framing() {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case BinaryWebSocketFrame bytes -> pass(context, bytes.content());
            case ContinuationWebSocketFrame bytes -> pass(context, bytes.content());
            case PingWebSocketFrame ping -> context.writeAndFlush(new PongWebSocketFrame(ping.content()));
            case PongWebSocketFrame pong -> pong.release();
            case WebSocketFrame other -> {
                // the end, or text
                other.release();
                context.close();
            }
            default -> context.fireChannelRead(message);
        }
    }

    private static void pass(ChannelHandlerContext context, ByteBuf bytes) {
        if (bytes.isReadable()) context.fireChannelRead(bytes);
        else bytes.release();
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        // TLS writes nothing, too, to hear when what it wrote before is out: as a frame that would be answered likewise
        if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            context.write(message, promise);
            return;
        }
        if (bytes.readableBytes() <= FRAME_MOST) {
            context.write(new BinaryWebSocketFrame(bytes), promise);
            return;
        }
        PromiseCombiner all = new PromiseCombiner(context.executor());
        while (bytes.isReadable())
            all.add(context.write(
                    new BinaryWebSocketFrame(bytes.readRetainedSlice(Math.min(FRAME_MOST, bytes.readableBytes())))));
        bytes.release();
        all.finish(promise);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // frames that break the rules, or are too long
        context.close();
    }
}
