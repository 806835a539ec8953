package org.carrel.gateway.restart;

import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Sockets taken out of channels.
public final class Sockets {
    private Sockets() {}

    /// Second descriptors of the channels' sockets: closing the channels then leaves the connections as they are.
    /// All or none.
    public static List<Integer> of(UnixChannel... channels) throws IOException {
        List<Integer> taken = new ArrayList<>();
        try {
            for (UnixChannel channel : channels)
                taken.add(SystemCalls.duplicate(channel.fd().intValue()));
            return taken;
        } catch (IOException none) {
            taken.forEach(SystemCalls::close);
            throw none;
        }
    }
}
