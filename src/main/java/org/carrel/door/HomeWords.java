package org.carrel.door;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.user.UserId;
import org.carrel.port.HomeDesk;
import org.jspecify.annotations.Nullable;

/// The calls about users' homes, as JSON.
final class HomeWords {
    static final String BOOK = "/v1/home/book";
    static final String FETCH = "/v1/home/fetch";
    static final String LATEST = "/v1/home/latest";
    static final String OPEN = "/v1/home/open";
    static final String PIECE = "/v1/home/piece";
    static final String ARRIVED = "/v1/home/arrived";

    private HomeWords() {}

    record Book(List<Line> homes) {
        Book {
            Wire.must(homes, "homes");
        }

        static Book of(HomeBook book) {
            return new Book(book.entries().entrySet().stream()
                    .map(one -> new Line(
                            one.getKey().value(),
                            one.getValue().node().value(),
                            one.getValue().version()))
                    .toList());
        }

        HomeBook book() {
            if (homes.size() > HomeBook.MOST) throw new IllegalArgumentException("too many homes");
            Map<UserId, HomeBook.Entry> entries = new HashMap<>();
            for (Line line : homes)
                entries.put(new UserId(line.user()), new HomeBook.Entry(new NodeName(line.node()), line.version()));
            return new HomeBook(entries);
        }
    }

    record Line(String user, String node, long version) {
        Line {
            Wire.must(user, "user");
            Wire.must(node, "node");
        }
    }

    record Fetch(String user, boolean files) {
        Fetch {
            Wire.must(user, "user");
        }
    }

    record OfUser(String user) {
        OfUser {
            Wire.must(user, "user");
        }
    }

    record Open(String user, String to) {
        Open {
            Wire.must(user, "user");
            Wire.must(to, "to");
        }
    }

    /// @param refused why not
    record Opened(@Nullable String parcel, @Nullable String refused) {}

    record AskPiece(String parcel, long number) {
        AskPiece {
            Wire.must(parcel, "parcel");
        }
    }

    /// @param bytes base64
    record Piece(byte[] bytes, @Nullable String sum) {
        Piece {
            Wire.must(bytes, "bytes");
        }
    }

    /// @param refused why nothing was begun
    record MaybeMove(@Nullable Move move, @Nullable String refused) {
        Optional<HomeDesk.Move> present() {
            return Optional.ofNullable(move).map(Move::move);
        }
    }

    record Move(String user, @Nullable String from, String to, String state, long bytes, String why, Instant since) {
        Move {
            Wire.must(user, "user");
            Wire.must(to, "to");
            Wire.must(state, "state");
            Wire.must(why, "why");
            Wire.must(since, "since");
        }

        static Move of(HomeDesk.Move move) {
            return new Move(
                    move.user().value(),
                    move.from().map(NodeName::value).orElse(null),
                    move.to().value(),
                    move.state().name().toLowerCase(Locale.ROOT),
                    move.bytes(),
                    move.why(),
                    move.since());
        }

        HomeDesk.Move move() {
            return new HomeDesk.Move(
                    new UserId(user),
                    Optional.ofNullable(from).map(NodeName::new),
                    new NodeName(to),
                    HomeDesk.Move.State.valueOf(state.toUpperCase(Locale.ROOT)),
                    bytes,
                    why,
                    since);
        }
    }
}
