package org.carrel.port;

import java.io.IOException;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;

/// Carries a placement's calls to other nodes.
public interface PlaceCalls {
    /// of a node that is alone
    PlaceCalls NOBODY = (to, call) -> {
        throw new IOException("there is no other node");
    };

    /// Blocks until it is answered, some seconds at most.
    PeerReply call(NodeName to, PeerCall call) throws IOException, InterruptedException;
}
