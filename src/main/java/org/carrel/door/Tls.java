package org.carrel.door;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.carrel.trust.Issuer;
import org.carrel.trust.Mutual;
import org.carrel.trust.Peer;
import org.carrel.trust.Role;

/// Mutual TLS as Netty's handlers, for one side and its protocols.
final class Tls {
    static final long HANDSHAKE_SECONDS = 5;
    private final SslContext context;
    private final Mutual mutual;

    private Tls(SslContext context, Mutual mutual) {
        this.context = context;
        this.mutual = mutual;
    }

    static Tls server(Mutual mutual) {
        List<String> spoken =
                Arrays.stream(Protocol.values()).map(Protocol::alpn).toList();
        return of(SslContextBuilder.forServer(mutual.keyManager()).clientAuth(ClientAuth.REQUIRE), mutual, spoken);
    }

    static Tls client(Mutual mutual, Protocol protocol) {
        SslContextBuilder builder =
                SslContextBuilder.forClient().keyManager(mutual.keyManager()).endpointIdentificationAlgorithm("");
        return of(builder, mutual, List.of(protocol.alpn()));
    }

    /// For newcomers, who have no certificate to show: only the protocol in which they present a token.
    static SslContext toNewcomers(Issuer issuer) {
        return built(
                SslContextBuilder.forServer(issuer.keyManager()).clientAuth(ClientAuth.NONE), List.of(Joining.ALPN));
    }

    private static Tls of(SslContextBuilder builder, Mutual mutual, List<String> spoken) {
        return new Tls(built(builder.trustManager(mutual.trustManager()), spoken), mutual);
    }

    private static SslContext built(SslContextBuilder builder, List<String> spoken) {
        try {
            return builder.sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3")
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            SelectorFailureBehavior.FATAL_ALERT,
                            SelectedListenerFailureBehavior.FATAL_ALERT,
                            spoken))
                    .build();
        } catch (SSLException impossible) {
            throw new IllegalStateException(impossible); // nothing in it comes from outside
        }
    }

    SslHandler handler(ByteBufAllocator allocator) {
        return patient(context.newHandler(allocator));
    }

    /// @param to by which a session to resume is found
    SslHandler handler(ByteBufAllocator allocator, SocketAddress to) {
        return patient(
                to instanceof InetSocketAddress door
                        ? context.newHandler(allocator, door.getHostString(), door.getPort())
                        // several doors may lie behind one proxy
                        : context.newHandler(allocator, to.toString(), 0));
    }

    static SslHandler patient(SslHandler handler) {
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        handler.setCloseNotifyFlushTimeout(1, TimeUnit.SECONDS);
        return handler;
    }

    /// Hangs up as soon as the node at the other end is shut out, also when it was while they shook hands.
    void watch(Channel channel, Peer peer) {
        Runnable over = mutual.onShutOut(peer.node(), channel::close);
        channel.closeFuture().addListener(_ -> over.run());
    }

    /// What this node shows that it may do.
    Set<Role> roles() {
        return mutual.roles();
    }

    /// Who shook hands; empty when it must be hung up on.
    Optional<Peer> peer(SslHandler handler) {
        return mutual.peer(handler.engine().getSession());
    }
}
