package org.carrel.main;

import java.util.function.BooleanSupplier;
import org.carrel.domain.session.SessionKey;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Start;
import org.carrel.port.Starts;

/// Begins nothing on a node that is no gateway by its certificate: the other machines wouldn't say whether they have
/// the session, so it could begin twice.
final class GatewayStarts implements Starts {
    private final Starts placements;
    private final BooleanSupplier isGateway;

    GatewayStarts(Starts placements, BooleanSupplier isGateway) {
        this.placements = placements;
        this.isGateway = isGateway;
    }

    @Override
    public Begun start(Start start) throws InterruptedException {
        return isGateway.getAsBoolean()
                ? placements.start(start)
                : new Begun.Impossible("this machine only runs sessions (role agent); ask one with the role gateway");
    }

    @Override
    public void callOff(SessionKey key, RequestId ticket) {
        placements.callOff(key, ticket);
    }
}
