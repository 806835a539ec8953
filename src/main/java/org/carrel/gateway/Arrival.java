package org.carrel.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.carrel.domain.session.Endpoint;
import org.carrel.gateway.restart.Message.Holder;
import org.carrel.gateway.restart.Message.Kept;
import org.carrel.gateway.restart.Message.Relayed;
import org.carrel.gateway.restart.Message.Talk;
import org.carrel.gateway.restart.Parcel;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Carrier;
import org.carrel.port.Identities.Identity.Known;
import org.carrel.port.Knock;
import org.carrel.port.SocketOwner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes up connections that another gateway gave away, each on one event loop. Whoever was connected to a session must
/// be admitted again.
final class Arrival {
    private static final Logger log = LoggerFactory.getLogger(Arrival.class);

    private final Loop loop;
    private final Services services;

    Arrival(Loop loop) {
        this.loop = loop;
        this.services = loop.services;
    }

    /// The parcel's sockets are the gateway's from now on.
    void take(Parcel parcel) {
        boolean begun = switch (parcel.what()) {
            case Kept(var early) -> loop.run(() -> kept(parcel.files().getFirst(), early));
            case Relayed relayed -> {
                Thread.ofVirtual().name("arrival").start(() -> admit(parcel, relayed));
                yield true;
            }
        };
        if (!begun) parcel.drop();
    }

    private void kept(int file, byte[] early) {
        EpollSocketChannel channel = new EpollSocketChannel(file);
        Optional<ClientConnection> client = client(channel);
        if (client.isEmpty()) return;
        services.offerTls(channel);
        channel.pipeline().addLast(client.get());
        register(channel);
        client.get().keepReading(true);
        client.get().takeUp(early);
    }

    /// @return empty when the peer has gone, or there is no room for it; then the channel is closed
    private Optional<ClientConnection> client(EpollSocketChannel channel) {
        InetSocketAddress from = channel.remoteAddress();
        if (!channel.isActive() || from == null || !services.enter(from.getAddress())) {
            channel.unsafe().closeForcibly();
            return Optional.empty();
        }
        channel.config().setWriteBufferWaterMark(Transport.WATER_MARK);
        channel.config().setAutoRead(false);
        return Optional.of(new ClientConnection(loop, channel, from.getAddress(), null));
    }

    private void register(Channel channel) {
        loop.executor.register(channel);
    }

    private void admit(Parcel parcel, Relayed relayed) {
        try {
            Holder holder = relayed.holder();
            Optional<Known> known = holder.known(services.identities);
            Verdict verdict = known.isEmpty()
                    ? new Verdict.Absent()
                    : services.admission.admit(
                            new Knock(holder.sessionId(), known.get().principal(), holder.kind()));
            if (verdict instanceof Verdict.Open open) {
                HeldLease.Key key = new HeldLease.Key(holder.sessionId(), known.get(), holder.kind());
                if (admitted(parcel, relayed, key, open)) return;
                open.lease().close();
            } else
                log.info(
                        "a connection that was handed over is no longer allowed session={} user={} proved={} verdict={}",
                        holder.sessionId(),
                        holder.principal().user(),
                        known.isPresent(),
                        verdict.getClass().getSimpleName());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException broken) {
            log.warn("a connection that was handed over can't be taken up", broken);
        }
        parcel.drop();
    }

    private boolean admitted(Parcel parcel, Relayed relayed, HeldLease.Key key, Verdict.Open open) throws IOException {
        // only connections to sessions of this node are handed over
        if (!(open.carrier() instanceof Carrier.Near(Endpoint endpoint))) return false;
        Optional<SocketOwner> owner = SocketOwner.of(endpoint);
        return loop.run(() -> relayed(parcel, relayed, loop.leases.hold(key, open, owner, loop.now), endpoint));
    }

    private void relayed(Parcel parcel, Relayed relayed, HeldLease held, Endpoint endpoint) {
        EpollSocketChannel channel = new EpollSocketChannel(parcel.files().getFirst());
        Channel session = upstream(parcel.files().getLast(), endpoint);
        Optional<ClientConnection> client = session.isActive() ? client(channel) : Optional.empty();
        if (client.isEmpty()) {
            channel.unsafe().closeForcibly();
            session.unsafe().closeForcibly();
            return;
        }
        session.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Transport.WATER_MARK);
        session.config().setAutoRead(false);
        UpstreamConnection upstream = new UpstreamConnection(loop, held);
        session.pipeline().addLast(upstream);
        held.connecting();
        held.use();
        register(session);
        channel.pipeline().addLast(client.get());
        register(channel);
        Talk talk = relayed.talk();
        Relay relay = talk == null
                ? new RawRelay(client.get(), upstream, held)
                : new WebSocketRelay(client.get(), upstream, held, talk);
        upstream.become(relay);
        client.get().become(relay);
        upstream.keepReading(true);
    }

    private static Channel upstream(int file, Endpoint endpoint) {
        return switch (endpoint) {
            case Endpoint.Tcp _ -> new EpollSocketChannel(file);
            case Endpoint.Unix _ -> new EpollDomainSocketChannel(file);
        };
    }
}
