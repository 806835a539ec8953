package org.carrel.gateway.restart;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.carrel.gateway.restart.Message.Busy;
import org.carrel.gateway.restart.Message.Refused;
import org.carrel.gateway.restart.Message.Took;
import org.carrel.gateway.restart.Message.Use;
import org.carrel.gateway.restart.Message.Yours;

/// The Carrel that takes our place, ready to: everything it needs to begin has been prepared over there.
public final class Successor implements AutoCloseable {
    private final PacketSocket socket;
    private final Runnable farewell;
    private final long pid;
    private List<Use> told = List.of();

    Successor(PacketSocket socket, long pid, Runnable farewell) {
        this.socket = socket;
        this.pid = pid;
        this.farewell = farewell;
    }

    public long pid() {
        return pid;
    }

    /// Our own sockets stay open; see `Parcel.drop`.
    public void give(Parcel parcel) throws IOException {
        socket.send(Message.text(parcel.what()), parcel.descriptors());
    }

    /// Everything that can be given at once has been, and what only one may hold is free.
    public void yours(int busy) throws IOException {
        socket.send(Message.text(new Yours(busy)));
    }

    /// Only news is sent.
    public void busy(List<Use> uses) throws IOException {
        if (uses.equals(told)) return;
        socket.send(Message.text(new Busy(uses)));
        told = uses;
    }

    /// We go on ourselves.
    public void refuse(String why) {
        try {
            socket.send(Message.text(new Refused(why)));
        } catch (IOException gone) {
            // then it knows
        }
    }

    /// @throws IOException when it didn't take the place: we are to go on
    public void awaitTook(Duration patience) throws IOException {
        Message said = Message.parse(socket.receive(patience).text());
        if (!(said instanceof Took)) throw new IOException("the successor said " + said);
    }

    @Override
    public void close() {
        socket.close();
        farewell.run();
    }
}
