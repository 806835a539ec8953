package org.carrel.door;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.carrel.trust.Issuer;
import org.carrel.trust.Mutual;
import org.carrel.trust.Peer;
import org.carrel.trust.Role;

/// Mutual TLS as Netty's handlers, for one side and its protocols. The engines are the JDK's own: Netty's contexts try
/// out keys and key stores of formats that nobody uses here, which was a third of a second of each start.
final class Tls {
    static final long HANDSHAKE_SECONDS = 5;
    private final Mutual mutual;
    private final boolean client;
    private final List<String> spoken;

    private Tls(Mutual mutual, boolean client, List<String> spoken) {
        this.mutual = mutual;
        this.client = client;
        this.spoken = spoken;
    }

    static Tls server(Mutual mutual) {
        List<String> spoken =
                Arrays.stream(Protocol.values()).map(Protocol::alpn).toList();
        return new Tls(mutual, false, spoken);
    }

    static Tls client(Mutual mutual, Protocol protocol) {
        return new Tls(mutual, true, List.of(protocol.alpn()));
    }

    /// For newcomers, who have no certificate to show: only the protocol in which they present a token.
    static SslHandler toNewcomer(Issuer issuer) {
        return patient(new SslHandler(issuer.engine(Joining.ALPN)));
    }

    SslHandler handler() {
        return handler(InetSocketAddress.createUnresolved("", 0));
    }

    /// @param to by which a client finds a session to resume
    SslHandler handler(SocketAddress to) {
        return patient(new SslHandler(
                to instanceof InetSocketAddress door
                        ? mutual.engine(client, door.getHostString(), door.getPort(), spoken)
                        // several doors may lie behind one proxy
                        : mutual.engine(client, to.toString(), 0, spoken)));
    }

    /// What the two agreed on to speak; empty when on nothing.
    static Optional<String> agreed(SslHandler handler) {
        return Optional.ofNullable(handler.engine().getApplicationProtocol()).filter(word -> !word.isEmpty());
    }

    private static SslHandler patient(SslHandler handler) {
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
