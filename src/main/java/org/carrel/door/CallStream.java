package org.carrel.door;

import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.carrel.trust.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call of another node, on a stream of its own: read whole, answered on a virtual thread.
final class CallStream extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger log = LoggerFactory.getLogger(CallStream.class);
    private final Calls calls;
    private final Guard guard;
    private final Peer peer;

    CallStream(Calls calls, Guard guard, Peer peer) {
        this.calls = calls;
        this.guard = guard;
        this.peer = peer;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (!request.decoderResult().isSuccess() || !request.method().equals(HttpMethod.POST)) {
            answer(context, HttpResponseStatus.BAD_REQUEST, text("a call is a POST"));
            return;
        }
        String path = request.uri();
        Optional<String> objection = Verb.of(path).flatMap(verb -> guard.objection(peer, verb));
        if (objection.isPresent()) {
            answer(context, HttpResponseStatus.FORBIDDEN, text(objection.get()));
            return;
        }
        if (Verb.of(path).isEmpty()) {
            answer(context, HttpResponseStatus.NOT_FOUND, text("no such call"));
            return;
        }
        byte[] body = ByteBufUtil.getBytes(request.content());
        Thread.ofVirtual().name("door-call").start(() -> call(context, path, body));
    }

    private void call(ChannelHandlerContext context, String path, byte[] body) {
        try {
            answer(context, HttpResponseStatus.OK, calls.answer(peer, path, body));
        } catch (Calls.NoSuchCall unknown) {
            answer(context, HttpResponseStatus.NOT_FOUND, text("no such call"));
        } catch (IllegalArgumentException senseless) {
            answer(context, HttpResponseStatus.BAD_REQUEST, text(String.valueOf(senseless.getMessage())));
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException broken) {
            log.error("a node's call broke peer={} path={}", peer.node(), path, broken);
            answer(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, text("something broke here"));
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void answer(ChannelHandlerContext context, HttpResponseStatus status, byte[] body) {
        DefaultFullHttpResponse answer = new DefaultFullHttpResponse(HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        try {
            context.channel().eventLoop().execute(() -> context.writeAndFlush(answer));
        } catch (RejectedExecutionException closing) {
            answer.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
