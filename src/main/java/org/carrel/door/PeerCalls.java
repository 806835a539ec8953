package org.carrel.door;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpScheme;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.carrel.api.Json;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;

/// Calls other nodes' agents, by `carrel-api/1`: one connection for each door, kept. Blocking; any thread but an event
/// loop's.
public final class PeerCalls implements AutoCloseable {
    private static final int ANSWER_MOST = 16 << 20;

    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop loop;
    private final Class<? extends Channel> sockets;
    private final Tls tls;
    private final Map<SocketAddress, PeerConnection> byDoor = new HashMap<>();

    public PeerCalls(Trust trust) {
        boolean epoll = Epoll.isAvailable();
        group = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("door-calls", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        loop = group.next();
        sockets = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        tls = Tls.client(trust.mutual(Role.ALL), Protocol.API);
    }

    /// @param patience until the whole answer is there
    /// @throws IOException when the door can't be entered, or its answer isn't what it should be
    <T> T call(SocketAddress door, String path, Object words, Class<T> type, Duration patience)
            throws IOException, InterruptedException {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        byte[] body = Json.bytes(words);
        try {
            loop.execute(() -> send(door, path, body, answer));
            return Json.readAnswer(answer.get(patience.toMillis(), TimeUnit.MILLISECONDS), type);
        } catch (TimeoutException silent) {
            throw new IOException("the node at " + door + " doesn't answer within " + patience, silent);
        } catch (RejectedExecutionException closing) {
            throw new IOException("closing", closing);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof OtherRole other) throw other;
            throw new IOException(cause == null ? "failed" : String.valueOf(cause.getMessage()), failed);
        } finally {
            answer.cancel(false);
        }
    }

    /// Keeps nothing of a door where nobody was.
    void forget(SocketAddress door) {
        try {
            loop.execute(() -> {
                PeerConnection connection = byDoor.remove(door);
                if (connection != null) connection.close();
            });
        } catch (RejectedExecutionException closing) {
            // nothing is kept
        }
    }

    private void send(SocketAddress door, String path, byte[] body, CompletableFuture<byte[]> answer) {
        byDoor.computeIfAbsent(door, it -> new PeerConnection(loop, sockets, tls, Protocol.API, it))
                .open(Verb.of(path).map(Verb::answers).orElse(Role.ALL), new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline()
                                .addLast(
                                        new Http2StreamFrameToHttpObjectCodec(false),
                                        new HttpObjectAggregator(ANSWER_MOST),
                                        new Answered(answer));
                    }
                })
                .addListener((Future<Channel> opened) -> {
                    if (!opened.isSuccess()) {
                        answer.completeExceptionally(opened.cause());
                        return;
                    }
                    Channel stream = opened.getNow();
                    // nobody waits any more
                    answer.whenComplete((bytes, failed) -> stream.close());
                    DefaultFullHttpRequest request = new DefaultFullHttpRequest(
                            HttpVersion.HTTP_1_1, HttpMethod.POST, path, Unpooled.wrappedBuffer(body));
                    request.headers()
                            .set(HttpHeaderNames.HOST, "agent")
                            .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                            .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                            .set(HttpConversionUtil.ExtensionHeaderNames.SCHEME.text(), HttpScheme.HTTPS.name());
                    stream.writeAndFlush(request);
                });
    }

    private static final class Answered extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final CompletableFuture<byte[]> answer;

        Answered(CompletableFuture<byte[]> answer) {
            this.answer = answer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            byte[] body = ByteBufUtil.getBytes(response.content());
            int status = response.status().code();
            if (status == 200) answer.complete(body);
            else
                answer.completeExceptionally(new IOException("the node answered " + status + ": "
                        + new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8)));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            answer.completeExceptionally(new IOException("the connection broke before the answer"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            answer.completeExceptionally(cause);
            context.close();
        }
    }

    @Override
    public void close() {
        loop.execute(() -> byDoor.values().forEach(PeerConnection::close));
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
