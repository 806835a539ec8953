package org.carrel.home;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.user.UserId;
import org.carrel.port.HomeDesk;
import org.carrel.port.HomeDesk.Piece;
import org.carrel.port.HomeFiles;

/// A home on its way out: packed by one thread, a few pieces ahead of whoever takes them.
final class Parcel implements AutoCloseable {
    private static final int AHEAD = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BlockingQueue<Piece> ready = new ArrayBlockingQueue<>(AHEAD);
    private final UserId user;
    private final NodeName to;
    private final Thread packer;
    private volatile Optional<String> broken = Optional.empty();
    private volatile long askedNanos = System.nanoTime();
    private long number = -1;
    private Piece last = new Piece(new byte[0], Optional.empty());

    Parcel(UserId user, NodeName to, HomeFiles files) {
        this.user = user;
        this.to = to;
        packer = Thread.ofVirtual().name("home-packer").start(() -> pack(files));
    }

    UserId user() {
        return user;
    }

    NodeName to() {
        return to;
    }

    /// Nobody has asked for a piece for so long.
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - askedNanos);
    }

    private void pack(HomeFiles files) {
        try (Pieces pieces = new Pieces()) {
            files.pack(user, pieces);
            pieces.end();
        } catch (IOException failed) {
            broken = Optional.of(String.valueOf(failed.getMessage()));
        } catch (InterruptedException givenUp) {
            broken = Optional.of("it was given up");
        }
    }

    /// @throws IOException when packing failed, or pieces are asked for out of order
    synchronized Piece piece(long wanted) throws IOException, InterruptedException {
        askedNanos = System.nanoTime();
        if (wanted == number) return last;
        if (wanted != number + 1) throw new IOException("piece " + wanted + " is not next; " + (number + 1) + " is");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Piece next = null;
        while (next == null) {
            next = ready.poll(200, TimeUnit.MILLISECONDS);
            if (next == null && broken.isPresent()) throw new IOException(broken.get());
            if (next == null && System.nanoTime() > deadline) throw new IOException("the disk gives nothing");
        }
        last = next;
        number = wanted;
        return next;
    }

    @Override
    public void close() {
        packer.interrupt();
    }

    private final class Pieces extends OutputStream {
        private final MessageDigest sum = sha256();
        private final byte[] buffer = new byte[HomeDesk.PIECE];
        private int filled;

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            sum.update(bytes, offset, length);
            int done = 0;
            while (done < length) {
                int now = Math.min(length - done, buffer.length - filled);
                System.arraycopy(bytes, offset + done, buffer, filled, now);
                filled += now;
                done += now;
                if (filled == buffer.length) give(Optional.empty());
            }
        }

        void end() throws IOException {
            give(Optional.of(HexFormat.of().formatHex(sum.digest())));
        }

        private void give(Optional<String> whole) throws IOException {
            try {
                ready.put(new Piece(Arrays.copyOf(buffer, filled), whole));
            } catch (InterruptedException givenUp) {
                Thread.currentThread().interrupt();
                throw new IOException("it was given up", givenUp);
            }
            filled = 0;
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
