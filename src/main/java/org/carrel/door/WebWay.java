package org.carrel.door;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.carrel.port.DoorUrl;

/// The caller's side of a door behind an HTTP proxy: TLS with the proxy where its URL wants it, by the certificates
/// this
/// machine trusts, then a WebSocket. What goes on in it is the same as on a plain connection.
final class WebWay extends ChannelInitializer<Channel> {
    private static final int ANSWER_MOST = 16 * 1024;
    private static final long PATIENCE_MILLIS = 5_000;

    private final DoorUrl url;
    private final Promise<Channel> greeted;
    private final Consumer<Channel> then;

    /// @param greeted fails when it comes to nothing
    /// @param then    goes on with a channel that carries bytes
    WebWay(DoorUrl url, Promise<Channel> greeted, Consumer<Channel> then) {
        this.url = url;
        this.greeted = greeted;
        this.then = then;
    }

    @Override
    protected void initChannel(Channel channel) throws SSLException {
        if (url.isEncrypted())
            channel.pipeline().addLast(Outside.CONTEXT.newHandler(channel.alloc(), url.host(), url.port()));
        channel.pipeline()
                .addLast(
                        new HttpClientCodec(),
                        new HttpObjectAggregator(ANSWER_MOST),
                        new WebSocketClientProtocolHandler(WebSocketClientProtocolConfig.newBuilder()
                                .webSocketUri(url.uri())
                                .version(WebSocketVersion.V13)
                                .subprotocol(Framing.PROTOCOL)
                                .allowExtensions(false)
                                .maxFramePayloadLength(Framing.FRAME_MOST)
                                .handshakeTimeoutMillis(PATIENCE_MILLIS)
                                .withUTF8Validator(false)
                                .handleCloseFrames(false)
                                .dropPongFrames(false)
                                .build()),
                        new Upgraded());
    }

    /// Made when a proxy is first dialled: it reads all certificates this machine trusts.
    private static final class Outside {
        static final SslContext CONTEXT = make();

        private static SslContext make() {
            try {
                return SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .build();
            } catch (SSLException impossible) {
                throw new IllegalStateException(impossible); // nothing in it comes from outside
            }
        }
    }

    private final class Upgraded extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                Channel channel = context.channel();
                Framing.install(channel);
                then.accept(channel);
                context.pipeline().remove(this);
            } else context.fireUserEventTriggered(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(context, "the proxy hung up");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(context, String.valueOf(cause.getMessage()));
        }

        private void fail(ChannelHandlerContext context, String why) {
            greeted.tryFailure(new IOException("no way to the door " + url + ": " + why));
            context.close();
        }
    }
}
