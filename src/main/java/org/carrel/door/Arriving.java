package org.carrel.door;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.carrel.door.DoorCounts.Turned;
import org.carrel.trust.Peer;

/// A connection that has just come, until it is known who it is and what it speaks. Places that it took are given back
/// when it closes.
final class Arriving extends ChannelInboundHandlerAdapter {
    private final Door door;
    private final AtomicInteger handshakes;
    private boolean shaking = true;

    private Arriving(Door door, AtomicInteger handshakes) {
        this.door = door;
        this.handshakes = handshakes;
    }

    /// @param handshakes under way of those who come this way, at most so many
    static void welcome(Door door, Channel channel, AtomicInteger handshakes, int most) {
        DoorCounts counts = door.counts;
        counts.connections.incrementAndGet();
        channel.closeFuture().addListener(_ -> counts.connections.decrementAndGet());
        if (counts.connections.get() > door.limits.connections()) {
            counts.turnedAway(Turned.CROWDED);
            channel.close();
            return;
        }
        if (handshakes.incrementAndGet() > most) {
            handshakes.decrementAndGet();
            counts.turnedAway(Turned.HANDSHAKES);
            channel.close();
            return;
        }
        channel.pipeline().addLast(new Greeting(door), new Arriving(door, handshakes));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Http2Exception {
        if (!(event instanceof SslHandshakeCompletionEvent shaken)) {
            context.fireUserEventTriggered(event);
            return;
        }
        // by name: there may be another before it, of the listener that led here
        if (!(context.pipeline().get(Greeting.TLS) instanceof SslHandler handler)) {
            context.close();
            return;
        }
        if (shaken.isSuccess() && Joining.ALPN.equals(Tls.agreed(handler).orElse(""))) {
            shaken();
            Joining.install(door, context.channel());
            context.channel().pipeline().remove(this);
            return;
        }
        Optional<Peer> peer = shaken.isSuccess() ? door.tls.peer(handler) : Optional.empty();
        Optional<Protocol> protocol = Tls.agreed(handler).flatMap(Protocol::of);
        if (peer.isEmpty() || protocol.isEmpty()) {
            context.close();
            return;
        }
        shaken();
        if (!door.enter(peer.get().node())) {
            door.counts.turnedAway(Turned.CROWDED);
            context.close();
            return;
        }
        Channel channel = context.channel();
        channel.closeFuture().addListener(_ -> door.leave(peer.get().node()));
        door.tls.watch(channel, peer.get());
        Pulse.install(channel.pipeline());
        Multiplexing.server(channel, streams(peer.get(), protocol.get()));
        channel.pipeline().remove(this);
    }

    private ChannelInitializer<Channel> streams(Peer peer, Protocol protocol) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                int open = door.counts.streams.incrementAndGet();
                stream.closeFuture().addListener(_ -> door.counts.streams.decrementAndGet());
                if (open > door.limits.streams()) {
                    door.counts.turnedAway(Turned.STREAMS);
                    stream.close();
                    return;
                }
                switch (protocol) {
                    case SESSION -> stream.pipeline().addLast(new StreamBytes(), new SessionStream(door, peer));
                    case API ->
                        stream.pipeline()
                                .addLast(
                                        new Http2StreamFrameToHttpObjectCodec(true),
                                        new HttpObjectAggregator(door.limits.bodyBytes()),
                                        new CallStream(door.calls, door.guard, peer));
                }
            }
        };
    }

    private void shaken() {
        if (!shaking) return;
        shaking = false;
        handshakes.decrementAndGet();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (shaking) door.counts.turnedAway(Turned.HANDSHAKE);
        shaken();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // whoever speaks no TLS, or shows no certificate that is taken: counted when it closes
        context.close();
    }
}
