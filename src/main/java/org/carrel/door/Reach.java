package org.carrel.door;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.carrel.domain.session.Endpoint;
import org.carrel.port.Admission.Verdict.Open;
import org.carrel.port.Carrier;
import org.carrel.port.Knock;
import org.carrel.port.SocketOwner;
import org.carrel.trust.Trust;

/// Connections to sessions, on this node or another, for one event loop: whoever gets one can't tell which. Only ever
/// touched by its event loop.
public final class Reach implements AutoCloseable {
    private final EventLoop loop;
    private final boolean epoll;
    private final Gates gates;
    private final Optional<FarConnections> far;
    private final Duration patience;

    /// @param epoll    the loop is one of native epoll
    /// @param gates    those of this node's door, where it has one
    /// @param trust    by which sessions on other nodes are reached; empty where there is no cluster
    /// @param patience until a connection is there
    public Reach(EventLoop loop, boolean epoll, Gates gates, Optional<Trust> trust, Duration patience) {
        this.loop = loop;
        this.epoll = epoll;
        this.gates = gates;
        this.patience = patience;
        this.far = trust.map(
                it -> new FarConnections(loop, epoll ? EpollSocketChannel.class : NioSocketChannel.class, it));
    }

    /// @param owner   of the socket of a session on this node, which is looked up where files may be touched
    /// @param handler added when it is open; what the workload says first comes to it
    /// @return fails with `Refused`, or with another exception when the session's node can't be reached
    public Future<Channel> open(Open open, Optional<SocketOwner> owner, ChannelHandler handler) {
        return switch (open.carrier()) {
            case Carrier.Near(Endpoint endpoint) -> near(endpoint, open, owner, handler);
            case Carrier.Far(SocketAddress door, Knock knock) ->
                far.map(it -> it.open(door, Preface.of(knock), patience, handler))
                        .orElseGet(() ->
                                loop.newFailedFuture(new IOException("a session elsewhere, and no cluster key here")));
        };
    }

    private Future<Channel> near(Endpoint endpoint, Open open, Optional<SocketOwner> owner, ChannelHandler handler) {
        Promise<Channel> opened = loop.newPromise();
        new WorkloadDial(epoll, loop, endpoint, owner, open.greeted(), gates, patience).dial(new WorkloadDial.Caller() {
            @Override
            public void connected(Channel workload, ByteBuf early) {
                workload.pipeline().addLast(handler);
                if (!opened.trySuccess(workload)) {
                    early.release();
                    workload.close();
                    return;
                }
                if (early.isReadable()) workload.pipeline().fireChannelRead(early);
                else early.release();
                workload.pipeline().fireChannelReadComplete();
                workload.config().setAutoRead(true);
            }

            @Override
            public void full() {
                opened.tryFailure(new Refused(Status.FULL));
            }

            @Override
            public void foreign(String who) {
                opened.tryFailure(new Refused(Status.FOREIGN));
            }

            @Override
            public void silent(Throwable cause) {
                opened.tryFailure(new Refused(Status.SILENT));
            }
        });
        return opened;
    }

    @Override
    public void close() {
        far.ifPresent(FarConnections::close);
    }
}
