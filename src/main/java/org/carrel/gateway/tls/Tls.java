package org.carrel.gateway.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.OptionalSslHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import org.carrel.door.StreamBytes;

/// What the rest of the gateway needs to know of encrypted connections.
public final class Tls {
    private Tls() {}

    /// Speaks TLS with whoever begins with it. Who begins in the clear stays in the clear, so that a browser can be
    /// told
    /// the right address.
    /// @param patience with a handshake
    public static void offer(Channel channel, SslContext context, Duration patience) {
        channel.pipeline().addLast(new Offer(context, patience));
    }

    /// Known from the first bytes on.
    public static boolean isOn(Channel channel) {
        return channel.pipeline().get(SslHandler.class) != null;
    }

    /// The socket alone is the whole connection: another process could go on with it.
    public static boolean isBare(Channel channel) {
        Offer undecided = channel.pipeline().get(Offer.class);
        return !isOn(channel) && (undecided == null || undecided.isEmpty());
    }

    /// Ends the outgoing direction, behind all that was written; the other side may still send.
    /// @return done when it is on its way
    public static Future<?> finishOutput(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) return StreamBytes.endOutput(channel);
        Promise<Void> ended = channel.eventLoop().newPromise();
        tls.closeOutbound().addListener(_ -> StreamBytes.endOutput(channel).addListener(_ -> ended.trySuccess(null)));
        return ended;
    }

    private static final class Offer extends OptionalSslHandler {
        private final Duration patience;

        Offer(SslContext context, Duration patience) {
            super(context);
            this.patience = patience;
        }

        boolean isEmpty() {
            return actualReadableBytes() == 0;
        }

        @Override
        protected SslHandler newSslHandler(ChannelHandlerContext at, SslContext context) {
            SslHandler handler = super.newSslHandler(at, context);
            handler.setHandshakeTimeoutMillis(patience.toMillis());
            return handler;
        }
    }
}
