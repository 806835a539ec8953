package org.carrel.door;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.port.Knock.Traffic;
import org.carrel.trust.Trust;
import org.jspecify.annotations.Nullable;

/// The gateway's end of a connection to a session.
final class Talk extends ChannelInboundHandlerAdapter {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BlockingQueue<Byte> bytes = new LinkedBlockingQueue<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private @Nullable Channel channel;

    static Talk open(EventLoop loop, SocketAddress door, Trust gateway, UserId user, SessionId session) {
        Talk talk = new Talk();
        CompletableFuture<Channel> opened = new CompletableFuture<>();
        loop.execute(() -> new FarConnections(loop, EpollSocketChannel.class, gateway)
                .open(door, new Preface(session, user, Traffic.TCP), PATIENCE, talk)
                .addListener((Future<Channel> done) -> {
                    if (done.isSuccess()) opened.complete(done.getNow());
                    else opened.completeExceptionally(done.cause());
                }));
        talk.channel = opened.orTimeout(20, TimeUnit.SECONDS).join();
        return talk;
    }

    Channel channel() {
        return Objects.requireNonNull(channel);
    }

    void send(String text) {
        channel().writeAndFlush(Unpooled.copiedBuffer(text, UTF_8));
    }

    String read(int count) throws InterruptedException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            Byte next = bytes.poll(20, TimeUnit.SECONDS);
            if (next == null) break;
            text.append((char) next.byteValue());
        }
        return text.toString();
    }

    CompletableFuture<Boolean> closed() {
        return closed;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        while (in.isReadable()) bytes.add(in.readByte());
        in.release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed.complete(true);
    }
}
