package org.carrel.gateway.restart;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;

/// A listening socket, made here or received. While anybody holds it, connections wait in it and none is refused.
/// @param address    it is bound to
/// @param descriptor owned by whoever holds this
public record Listening(InetSocketAddress address, int descriptor) {
    /// connections that may wait to be accepted
    public static final int BACKLOG = 4096;

    /// To be called before root is given up: a port below 1024 is for root.
    /// @param address port 0 picks one
    public static Listening bind(InetSocketAddress address) throws IOException {
        requireEpoll();
        Socket socket = Socket.newSocketStream();
        try {
            socket.setReuseAddress(true);
            socket.bind(address);
            socket.listen(BACKLOG);
            return new Listening(socket.localAddress(), socket.intValue());
        } catch (IOException refused) {
            socket.close();
            throw new IOException("can't listen on " + address + ": " + refused.getMessage(), refused);
        }
    }

    /// @throws IOException when it isn't a listening socket of ours to have
    static Listening received(int descriptor) throws IOException {
        requireEpoll();
        InetSocketAddress address = new Socket(descriptor).localAddress();
        if (address == null) throw new IOException("what came isn't a bound socket");
        return new Listening(address, descriptor);
    }

    private static void requireEpoll() throws IOException {
        if (!Epoll.isAvailable()) throw new IOException("native epoll isn't there", Epoll.unavailabilityCause());
    }

    /// Whether it serves who asks for `wanted`.
    public boolean isAt(InetSocketAddress wanted) {
        boolean any =
                address.getAddress().isAnyLocalAddress() && wanted.getAddress().isAnyLocalAddress();
        return address.getPort() == wanted.getPort()
                && (any || address.getAddress().equals(wanted.getAddress()));
    }

    public Listening duplicate() throws IOException {
        return new Listening(address, SystemCalls.duplicate(descriptor));
    }

    public void close() {
        SystemCalls.close(descriptor);
    }
}
