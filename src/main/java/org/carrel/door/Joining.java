package org.carrel.door;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.carrel.door.DoorCounts.Turned;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One newcomer: says one thing, hears one, and is hung up on. `carrel-join/1`: a length of two bytes, then JSON, in
/// both directions (`Words.Join`, `Words.Joined`).
final class Joining extends SimpleChannelInboundHandler<ByteBuf> {
    static final String ALPN = "carrel-join/1";
    static final int MESSAGE_MOST = 8 << 10;
    private static final Logger log = LoggerFactory.getLogger(Joining.class);
    private static final int SILENCE_SECONDS = 5;

    private final Door door;
    private final JoinDesk desk;
    private boolean asked;

    private Joining(Door door, JoinDesk desk) {
        this.door = door;
        this.desk = desk;
    }

    static void install(Door door, Channel channel) {
        if (door.joins.isEmpty() || !door.joins.get().enter()) {
            door.counts.turnedAway(Turned.JOIN);
            channel.close();
            return;
        }
        JoinDesk desk = door.joins.get();
        channel.closeFuture().addListener(_ -> desk.leave());
        channel.pipeline()
                .addLast(
                        new ReadTimeoutHandler(SILENCE_SECONDS, TimeUnit.SECONDS),
                        new LengthFieldBasedFrameDecoder(MESSAGE_MOST, 0, 2, 0, 2),
                        new LengthFieldPrepender(2),
                        new Joining(door, desk));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
        if (asked) {
            turnAway(context);
            return;
        }
        asked = true;
        context.pipeline().remove(ReadTimeoutHandler.class);
        byte[] said = ByteBufUtil.getBytes(message);
        InetAddress from = ((InetSocketAddress) context.channel().remoteAddress()).getAddress();
        Thread.ofVirtual().name("door-join").start(() -> answer(context, from, said));
    }

    private void answer(ChannelHandlerContext context, InetAddress from, byte[] said) {
        try {
            JoinDesk.Answer answer = desk.answer(from, said);
            if (!answer.welcome()) door.counts.turnedAway(Turned.JOIN);
            context.writeAndFlush(Unpooled.wrappedBuffer(answer.words())).addListener(ChannelFutureListener.CLOSE);
        } catch (IOException | RuntimeException broken) {
            log.error("a newcomer's question broke from={}", from.getHostAddress(), broken);
            turnAway(context);
        }
    }

    private void turnAway(ChannelHandlerContext context) {
        door.counts.turnedAway(Turned.JOIN);
        context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // silent for too long, or too much at once
        turnAway(context);
    }
}
