package org.carrel.port;

import java.util.Optional;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;

/// What one node says to placements of any gateway.
public interface PlaceAnswers {
    /// @return empty when it could not decide in time: to be asked again
    Optional<PeerReply> answer(PeerCall call) throws InterruptedException;
}
