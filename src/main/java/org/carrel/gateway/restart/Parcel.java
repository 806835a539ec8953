package org.carrel.gateway.restart;

import java.io.IOException;
import java.util.List;
import org.carrel.gateway.restart.Message.Handed;
import org.carrel.gateway.restart.PacketSocket.Packet;

/// A live connection on its way from one gateway to another: what must be known of it, and its sockets.
/// @param files as many as `what` says; owned by whoever holds this
public record Parcel(Handed what, List<Integer> files) {
    public Parcel {
        files = List.copyOf(files);
        if (files.size() != what.files())
            throw new IllegalArgumentException("a parcel with " + files.size() + " files");
    }

    /// @throws IOException when sockets are missing; those that came are closed
    static Parcel of(Handed what, Packet packet) throws IOException {
        try {
            return new Parcel(what, packet.files());
        } catch (IllegalArgumentException wrong) {
            packet.drop();
            throw new IOException(wrong.getMessage(), wrong);
        }
    }

    int[] descriptors() {
        return files.stream().mapToInt(file -> file).toArray();
    }

    /// The other holder goes on, or nobody.
    public void drop() {
        files.forEach(SystemCalls::close);
    }
}
