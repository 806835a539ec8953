package org.carrel.door;

import java.io.IOException;
import org.carrel.api.Json;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.user.UserId;
import org.carrel.door.HomeWords.MaybeMove;
import org.carrel.door.HomeWords.Opened;
import org.carrel.port.HomeDesk;
import org.carrel.port.HomeDesk.Answer;
import org.carrel.trust.Peer;

/// What this node does for others about users' homes. They have proved that they are nodes of this cluster.
public final class HomeCalls implements Calls {
    private final HomeDesk desk;

    public HomeCalls(HomeDesk desk) {
        this.desk = desk;
    }

    @Override
    public byte[] answer(Peer peer, String path, byte[] body) throws IOException, InterruptedException, NoSuchCall {
        return Json.bytes(
                switch (path) {
                    case HomeWords.BOOK -> HomeWords.Book.of(desk.book());
                    case HomeWords.FETCH -> fetch(Wire.read(body, HomeWords.Fetch.class));
                    case HomeWords.LATEST ->
                        new MaybeMove(
                                desk.latest(new UserId(Wire.read(body, HomeWords.OfUser.class)
                                                .user()))
                                        .map(HomeWords.Move::of)
                                        .orElse(null),
                                null);
                    case HomeWords.OPEN -> open(Wire.read(body, HomeWords.Open.class));
                    case HomeWords.PIECE -> piece(Wire.read(body, HomeWords.AskPiece.class));
                    case HomeWords.ARRIVED -> arrived(Wire.read(body, HomeWords.Line.class));
                    default -> throw new NoSuchCall(path);
                });
    }

    private MaybeMove fetch(HomeWords.Fetch asked) throws IOException, InterruptedException {
        return switch (desk.fetch(new UserId(asked.user()), asked.files())) {
            case Answer.Done<HomeDesk.Move>(var move) -> new MaybeMove(HomeWords.Move.of(move), null);
            case Answer.Refused<HomeDesk.Move>(var why) -> new MaybeMove(null, why);
        };
    }

    private Opened open(HomeWords.Open asked) throws IOException, InterruptedException {
        return switch (desk.open(new UserId(asked.user()), new NodeName(asked.to()))) {
            case Answer.Done<String>(var parcel) -> new Opened(parcel, null);
            case Answer.Refused<String>(var why) -> new Opened(null, why);
        };
    }

    private HomeWords.Piece piece(HomeWords.AskPiece asked) throws IOException, InterruptedException {
        try {
            HomeDesk.Piece piece = desk.piece(asked.parcel(), asked.number());
            return new HomeWords.Piece(piece.bytes(), piece.sum().orElse(null));
        } catch (IOException failed) {
            // the other side is to say it to somebody
            throw new IllegalArgumentException(failed.getMessage(), failed);
        }
    }

    private Words.Nothing arrived(HomeWords.Line line) throws IOException, InterruptedException {
        desk.arrived(new UserId(line.user()), new HomeBook.Entry(new NodeName(line.node()), line.version()));
        return new Words.Nothing();
    }
}
