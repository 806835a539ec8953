package org.carrel.door;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;
import org.carrel.domain.session.Session;
import org.carrel.port.PlaceCalls;
import org.carrel.port.Views;

/// Placements' calls to other nodes, through their doors. What is heard of sessions on the way is known from then on.
public final class FarPlacing implements PlaceCalls {
    /// Longer than any placement waits for one; it asks again.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final PeerCalls calls;
    private final Doors doors;
    private final Neighbours neighbours;

    /// @param members where the other nodes' doors are found
    public FarPlacing(PeerCalls calls, Views members, Neighbours neighbours) {
        this.calls = calls;
        this.doors = new Doors(members);
        this.neighbours = neighbours;
    }

    @Override
    public PeerReply call(NodeName to, PeerCall call) throws IOException, InterruptedException {
        Doors.Found at = doors.of(to);
        PeerReply reply = calls.call(at.door(), Words.PLACE, PlaceWords.words(call), PlaceWords.Answer.class, PATIENCE)
                .reply();
        session(reply).ifPresent(session -> neighbours.learn(at.door(), at.node(), session));
        return reply;
    }

    private static Optional<Session> session(PeerReply reply) {
        if (!(reply instanceof PeerReply.OfAgent(var answer))) return Optional.empty();
        return switch (answer) {
            case NodeAnswer.Granted(var session) -> Optional.of(session);
            case NodeAnswer.Existing(var session) -> Optional.of(session);
            case NodeAnswer.Report report -> report.holds();
            default -> Optional.empty();
        };
    }
}
