package org.carrel.gateway;

import static org.carrel.domain.Require.require;

import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.carrel.domain.route.Network;

/// @param listen         addresses to listen on; port 0 picks one
/// @param drainDeadline  how long requests in flight may go on after `close`
/// @param trustedProxies from these `X-Forwarded-For` and `X-Forwarded-Proto` are believed; from nobody else
/// @param tls            asked for each new connection; empty: plain HTTP only
/// @param eventLoops     threads that carry traffic, 1 to 64
/// @param nativeEpoll    use it where there is one
/// @param local          where the node's own socket shall be; only with native epoll
public record GatewaySettings(
        List<InetSocketAddress> listen,
        Limits limits,
        Duration drainDeadline,
        List<Network> trustedProxies,
        Optional<Supplier<SslContext>> tls,
        int eventLoops,
        boolean nativeEpoll,
        Optional<Path> local) {
    public GatewaySettings {
        require(!listen.isEmpty(), "the gateway needs an address to listen on");
        require(eventLoops >= 1 && eventLoops <= 64, "event loops must be 1 to 64, not " + eventLoops);
        require(!drainDeadline.isNegative(), "the drain deadline can't be negative");
        listen = List.copyOf(listen);
        trustedProxies = List.copyOf(trustedProxies);
    }

    public static GatewaySettings on(InetSocketAddress address) {
        int cores = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 64);
        return new GatewaySettings(
                List.of(address),
                Limits.DEFAULT,
                Duration.ofSeconds(10),
                List.of(),
                Optional.empty(),
                cores,
                true,
                Optional.empty());
    }

    public GatewaySettings with(boolean epoll) {
        return new GatewaySettings(listen, limits, drainDeadline, trustedProxies, tls, eventLoops, epoll, local);
    }

    public GatewaySettings with(Limits other) {
        return new GatewaySettings(listen, other, drainDeadline, trustedProxies, tls, eventLoops, nativeEpoll, local);
    }

    public GatewaySettings with(Path other) {
        return new GatewaySettings(
                listen, limits, drainDeadline, trustedProxies, tls, eventLoops, nativeEpoll, Optional.of(other));
    }

    public GatewaySettings with(Supplier<SslContext> context) {
        return new GatewaySettings(
                listen, limits, drainDeadline, trustedProxies, Optional.of(context), eventLoops, nativeEpoll, local);
    }
}
