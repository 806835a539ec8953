package org.carrel.door;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// The first words of a connection: newcomers say in TLS's server name (RFC 6066, 3) that they come with a token, and
/// are heard by the `JoinDesk`, where there is one that gave some out. Everybody else must show a node's certificate.
final class Greeting extends AbstractSniHandler<Boolean> {
    /// in a domain that can't exist (RFC 6761, 6.4)
    static final String NEWCOMER = "join.carrel.invalid";

    /// the handler's name in its pipeline
    static final String TLS = "tls";

    private static final int HELLO_MOST = 16 << 10;

    private final Door door;

    Greeting(Door door) {
        super(HELLO_MOST, TimeUnit.SECONDS.toMillis(Tls.HANDSHAKE_SECONDS));
        this.door = door;
    }

    @Override
    protected Future<Boolean> lookup(ChannelHandlerContext context, String hostName) {
        boolean heard =
                NEWCOMER.equals(hostName) && door.joins.filter(JoinDesk::isOpen).isPresent();
        return context.executor().newSucceededFuture(heard);
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext context, String hostName, Future<Boolean> heard) {
        SslHandler handler =
                heard.getNow() && door.joins.isPresent() ? door.joins.get().tls() : door.tls.handler();
        context.pipeline().replace(this, TLS, handler);
    }
}
