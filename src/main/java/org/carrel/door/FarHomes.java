package org.carrel.door;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.user.UserId;
import org.carrel.port.HomeDesk;
import org.carrel.port.Views;
import org.jspecify.annotations.Nullable;

/// Other nodes' part in users' homes, through their doors.
public final class FarHomes implements HomeDesk.Desks {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /// a disk may be slow
    private static final Duration PIECE_PATIENCE = Duration.ofSeconds(30);

    private final PeerCalls calls;
    private final Doors doors;

    /// @param members where the other nodes' doors are found
    public FarHomes(PeerCalls calls, Views members) {
        this.calls = calls;
        this.doors = new Doors(members);
    }

    @Override
    public HomeDesk of(NodeName node) throws IOException {
        doors.of(node);
        return new Desk(node);
    }

    private final class Desk implements HomeDesk {
        private final NodeName node;

        Desk(NodeName node) {
            this.node = node;
        }

        private <T> T call(String path, Object words, Class<T> type, Duration patience)
                throws IOException, InterruptedException {
            try {
                return calls.call(doors.of(node).door(), path, words, type, patience);
            } catch (IllegalArgumentException senseless) {
                throw new IOException(node + " says what makes no sense", senseless);
            }
        }

        @Override
        public HomeBook book() throws IOException, InterruptedException {
            try {
                return call(HomeWords.BOOK, new Words.Nothing(), HomeWords.Book.class, PATIENCE)
                        .book();
            } catch (IllegalArgumentException senseless) {
                throw new IOException(node + " says what makes no sense", senseless);
            }
        }

        @Override
        public Answer<Move> fetch(UserId user, boolean files) throws IOException, InterruptedException {
            HomeWords.MaybeMove answer = call(
                    HomeWords.FETCH, new HomeWords.Fetch(user.value(), files), HomeWords.MaybeMove.class, PATIENCE);
            return answer.present()
                    .<Answer<Move>>map(Answer.Done::new)
                    .orElseGet(() -> new Answer.Refused<>(why(answer.refused())));
        }

        @Override
        public Optional<Move> latest(UserId user) throws IOException, InterruptedException {
            return call(HomeWords.LATEST, new HomeWords.OfUser(user.value()), HomeWords.MaybeMove.class, PATIENCE)
                    .present();
        }

        @Override
        public Answer<String> open(UserId user, NodeName to) throws IOException, InterruptedException {
            HomeWords.Opened opened = call(
                    HomeWords.OPEN, new HomeWords.Open(user.value(), to.value()), HomeWords.Opened.class, PATIENCE);
            String parcel = opened.parcel();
            return parcel == null ? new Answer.Refused<>(why(opened.refused())) : new Answer.Done<>(parcel);
        }

        @Override
        public Piece piece(String parcel, long number) throws IOException, InterruptedException {
            HomeWords.Piece piece = call(
                    HomeWords.PIECE, new HomeWords.AskPiece(parcel, number), HomeWords.Piece.class, PIECE_PATIENCE);
            return new Piece(piece.bytes(), Optional.ofNullable(piece.sum()));
        }

        @Override
        public void arrived(UserId user, HomeBook.Entry home) throws IOException, InterruptedException {
            call(
                    HomeWords.ARRIVED,
                    new HomeWords.Line(user.value(), home.node().value(), home.version()),
                    Words.Nothing.class,
                    PATIENCE);
        }

        private String why(@Nullable String refused) {
            return refused == null ? node + " doesn't say why not" : refused;
        }
    }
}
