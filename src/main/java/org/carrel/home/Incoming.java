package org.carrel.home;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.carrel.port.HomeDesk;
import org.carrel.port.HomeDesk.Piece;

/// A parcel as it comes from another node, piece by piece. Its end is read only when the whole is what was sent.
final class Incoming extends InputStream {
    private static final int TRIES = 3;

    private final HomeDesk from;
    private final String parcel;
    private final AtomicLong bytes;
    private final MessageDigest sum = Parcel.sha256();
    private byte[] piece = new byte[0];
    private int read;
    private long next;
    private boolean isLast;

    /// @param bytes counts what has come
    Incoming(HomeDesk from, String parcel, AtomicLong bytes) {
        this.from = from;
        this.parcel = parcel;
        this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) return 0;
        while (read == piece.length) {
            if (isLast) return -1;
            take();
        }
        int now = Math.min(length, piece.length - read);
        System.arraycopy(piece, read, into, offset, now);
        read += now;
        return now;
    }

    private void take() throws IOException {
        Piece taken = ask();
        next++;
        piece = taken.bytes();
        read = 0;
        sum.update(piece);
        bytes.addAndGet(piece.length);
        Optional<String> whole = taken.sum();
        if (whole.isEmpty()) return;
        isLast = true;
        if (!HexFormat.of().formatHex(sum.digest()).equals(whole.get()))
            throw new IOException("what came is not what was sent; nothing was changed, try again");
    }

    /// To be asked before anything follows from the whole: the old home may have given up waiting meanwhile, and begun
    /// something.
    /// @throws IOException when it did
    void confirm() throws IOException {
        next--;
        ask();
        next++;
    }

    private Piece ask() throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                return from.piece(parcel, next);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("this node is closing");
            } catch (IOException broken) {
                if (tries == TRIES) throw broken;
            }
        }
    }
}
