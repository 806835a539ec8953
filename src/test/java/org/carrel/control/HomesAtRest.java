package org.carrel.control;

import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.user.UserId;
import org.carrel.port.HomeDesk;
import org.carrel.support.FakeAgent;

/// A node that knows where ada's files are, and takes what is to be moved there without doing anything.
final class HomesAtRest implements HomeDesk {
    static final NodeName ADAS = new NodeName("n7");
    private static final UserId ADA = new UserId("ada");

    private Optional<Move> latest = Optional.empty();

    @Override
    public HomeBook book() {
        return new HomeBook(Map.of(ADA, new HomeBook.Entry(ADAS, 1)));
    }

    @Override
    public Answer<Move> fetch(UserId user, boolean files) {
        if (!files) return new Answer.Refused<>("not today");
        Move move = new Move(user, Optional.of(ADAS), FakeAgent.NODE, Move.State.COPYING, 17, "", FakeAgent.NOW);
        latest = Optional.of(move);
        return new Answer.Done<>(move);
    }

    @Override
    public Optional<Move> latest(UserId user) {
        return latest;
    }

    @Override
    public Answer<String> open(UserId user, NodeName to) {
        throw new AssertionError();
    }

    @Override
    public Piece piece(String parcel, long number) {
        throw new AssertionError();
    }

    @Override
    public void arrived(UserId user, HomeBook.Entry home) {
        throw new AssertionError();
    }
}
