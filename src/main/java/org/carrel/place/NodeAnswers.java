package org.carrel.place;

import java.time.InstantSource;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;
import org.carrel.domain.place.Registrar;
import org.carrel.domain.place.TurnAnswer;
import org.carrel.domain.place.TurnCall;
import org.carrel.port.PlaceAnswers;
import org.carrel.port.Reservations;

/// What this node says to placements: as registrar for its share of the keys, and for its agent.
public final class NodeAnswers implements PlaceAnswers {
    private final Reservations agent;
    private final InstantSource time;
    private Registrar registrar;

    /// @param time steady
    public NodeAnswers(NodeName node, Reservations agent, InstantSource time) {
        this.agent = agent;
        this.time = time;
        this.registrar = Registrar.of(node, agent.epoch());
    }

    @Override
    public Optional<PeerReply> answer(PeerCall call) throws InterruptedException {
        if (call instanceof PeerCall.ForRegistrar(var turn)) return Optional.of(new PeerReply.OfRegistrar(turn(turn)));
        return agent.answer(call).map(PeerReply.OfAgent::new);
    }

    private synchronized TurnAnswer turn(TurnCall call) {
        Registrar.Step step = registrar.on(call, time.instant());
        registrar = step.next();
        return step.answer();
    }
}
