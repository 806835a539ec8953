package org.carrel.place;

import java.time.InstantSource;
import java.util.Optional;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;
import org.carrel.domain.place.Registrar;
import org.carrel.domain.place.TurnAnswer;
import org.carrel.domain.place.TurnCall;
import org.carrel.port.Homes;
import org.carrel.port.PlaceAnswers;
import org.carrel.port.Reservations;

/// What this node says to placements: as registrar for its share of the keys, and for its agent.
public final class NodeAnswers implements PlaceAnswers {
    private final Reservations agent;
    private final Homes homes;
    private final InstantSource time;
    private Registrar registrar;

    /// @param time steady
    public NodeAnswers(NodeName node, Reservations agent, Homes homes, InstantSource time) {
        this.agent = agent;
        this.homes = homes;
        this.time = time;
        this.registrar = Registrar.of(node, agent.epoch());
    }

    @Override
    public Optional<PeerReply> answer(PeerCall call) throws InterruptedException {
        return switch (call) {
            case PeerCall.ForRegistrar(var turn) -> Optional.of(new PeerReply.OfRegistrar(turn(turn)));
            case PeerCall.Look look ->
                agent.answer(look)
                        .map(answer ->
                                hindered(answer, homes.obstacle(look.ask().key())))
                        .map(PeerReply.OfAgent::new);
            case PeerCall.Reserve reserve ->
                homes.beginning(reserve.key(), () -> reserve(reserve)).map(PeerReply.OfAgent::new);
            case PeerCall.Withdraw withdraw -> agent.answer(withdraw).map(PeerReply.OfAgent::new);
        };
    }

    private static NodeAnswer hindered(NodeAnswer answer, Optional<String> obstacle) {
        return obstacle.isPresent()
                        && answer instanceof NodeAnswer.Report report
                        && report.obstacle().isEmpty()
                ? report.hinderedBy(obstacle)
                : answer;
    }

    /// Whoever asks may not have heard yet where the files are: this node knows it of itself.
    private Optional<NodeAnswer> reserve(PeerCall.Reserve reserve) throws InterruptedException {
        Optional<String> obstacle = homes.obstacle(reserve.key());
        if (obstacle.isPresent()) return Optional.of(new NodeAnswer.Impossible(obstacle.get()));
        Optional<NodeAnswer> answer = agent.answer(reserve);
        if (answer.isPresent() && answer.get() instanceof NodeAnswer.Granted) homes.began(reserve.key());
        return answer;
    }

    private synchronized TurnAnswer turn(TurnCall call) {
        Registrar.Step step = registrar.on(call, time.instant());
        registrar = step.next();
        return step.answer();
    }
}
