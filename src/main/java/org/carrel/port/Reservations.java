package org.carrel.port;

import java.util.Optional;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.place.PeerCall;

/// A node's agent, as placements speak with it.
public interface Reservations {
    /// @param call not one for a registrar
    /// @return empty when it could not decide in time: to be asked again
    Optional<NodeAnswer> answer(PeerCall call) throws InterruptedException;

    /// rises with every start of the node
    long epoch();
}
