package org.carrel.port;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.user.UserId;

/// One node's part in where users' files are: this one's own, or another's through its door. All of it may block.
///
/// A move is carried out by the node it leads to: it asks the old home to `open`, takes piece after piece, and says
/// `arrived`. Until then the old home is the home; a move that breaks off changes nothing.
public interface HomeDesk {
    /// Most bytes of a piece.
    int PIECE = 1 << 20;

    HomeBook book() throws IOException, InterruptedException;

    /// To the node that is to be the home: fetch the files.
    /// @param files false: leave the files where they are, and begin with an empty home
    /// @return what has begun, or why not
    Answer<Move> fetch(UserId user, boolean files) throws IOException, InterruptedException;

    /// The latest move of a user to this node, since its start.
    Optional<Move> latest(UserId user) throws IOException, InterruptedException;

    /// To the old home: nothing with files begins there any more, and packing begins. Ends by itself when no piece is
    /// asked for in a minute.
    /// @return the name of the parcel, or why not
    Answer<String> open(UserId user, NodeName to) throws IOException, InterruptedException;

    /// The next piece, or the last one again.
    /// @param number from 0
    Piece piece(String parcel, long number) throws IOException, InterruptedException;

    /// To the old home: the files are elsewhere now; the copy here is set aside.
    void arrived(UserId user, HomeBook.Entry home) throws IOException, InterruptedException;

    /// @param bytes at most `PIECE`
    /// @param sum   SHA-256 of the whole in hex, with the last piece
    record Piece(byte[] bytes, Optional<String> sum) {}

    /// @param from  the home until then; empty: there was none
    /// @param bytes packed, that have come so far
    /// @param why   of a failure, a sentence; else empty
    record Move(UserId user, Optional<NodeName> from, NodeName to, State state, long bytes, String why, Instant since) {
        public enum State {
            COPYING,
            DONE,
            FAILED
        }
    }

    sealed interface Answer<T> {
        record Done<T>(T value) implements Answer<T> {}

        /// @param why a sentence with the next step
        record Refused<T>(String why) implements Answer<T> {}
    }

    /// Finds each node's.
    interface Desks {
        /// @throws IOException when it is not known where that node is
        HomeDesk of(NodeName node) throws IOException;
    }
}
