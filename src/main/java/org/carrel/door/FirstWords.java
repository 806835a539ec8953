package org.carrel.door;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.session.Endpoint;
import org.carrel.port.Greeted;

/// Waits for the greeting of a workload that speaks first, for one that wants a connection and has a place for it at
/// the gates.
final class FirstWords implements WorkloadDial.Caller {
    /// a healthy Rserve takes 2 ms; one that takes longer has lost the connection, or stands still
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Gates gates;
    private final Endpoint endpoint;
    private final Greeted greeted;
    private final WorkloadDial.Caller caller;
    private boolean over;

    FirstWords(Gates gates, Endpoint endpoint, Greeted greeted, WorkloadDial.Caller caller) {
        this.gates = gates;
        this.endpoint = endpoint;
        this.greeted = greeted;
        this.caller = caller;
    }

    @Override
    public void connected(Channel workload, ByteBuf early) {
        workload.closeFuture().addListener(_ -> gates.leave(endpoint));
        Listening listening = new Listening(workload);
        workload.pipeline().addLast(listening);
        workload.eventLoop().schedule(listening::late, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        workload.config().setAutoRead(true);
    }

    @Override
    public void full() {
        notConnected();
        caller.full();
    }

    @Override
    public void foreign(String who) {
        notConnected();
        caller.foreign(who);
    }

    @Override
    public void silent(Throwable cause) {
        notConnected();
        caller.silent(cause);
    }

    private void notConnected() {
        gates.greeted(endpoint);
        gates.leave(endpoint);
    }

    private final class Listening extends ChannelInboundHandlerAdapter {
        private final Channel workload;
        private ByteBuf heard = Unpooled.EMPTY_BUFFER;

        Listening(Channel workload) {
            this.workload = workload;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            heard = Unpooled.wrappedBuffer(heard, (ByteBuf) message);
            if (over || heard.readableBytes() < greeted.bytes()) return;
            over = true;
            gates.greeted(endpoint);
            workload.config().setAutoRead(false);
            ByteBuf early = heard;
            heard = Unpooled.EMPTY_BUFFER;
            context.pipeline().remove(this);
            caller.connected(workload, early);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(new IOException("it hung up before it had greeted"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(cause);
        }

        void late() {
            fail(new IOException("no greeting for " + PATIENCE.toSeconds() + " s"));
        }

        private void fail(Throwable cause) {
            if (over) return;
            over = true;
            heard.release();
            heard = Unpooled.EMPTY_BUFFER;
            gates.greeted(endpoint);
            workload.close();
            caller.silent(cause);
        }
    }
}
