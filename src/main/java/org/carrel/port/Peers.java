package org.carrel.port;

import java.net.SocketAddress;
import java.util.List;

/// Where other nodes' doors may be. Only a hint: who is behind one is proved when it is entered.
public interface Peers {
    /// nobody else
    Peers NONE = List::of;

    /// of the moment, at most 1000; this node's own may be among them
    List<? extends SocketAddress> doors();
}
