package org.carrel.launch.process;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// Bytes whose length nobody knows beforehand, between lines of `StarterWire`: frames of a length in four bytes and so
/// many bytes, at most `MOST`; a frame of length 0 ends them. They end early, with the connection, when the sender
/// breaks off.
final class Frames {
    static final int MOST = 256 << 10;

    private Frames() {}

    /// @throws SourceFailed when reading does
    static void write(SocketChannel channel, Patience patience, InputStream from) throws IOException {
        byte[] bytes = new byte[MOST];
        for (int read = source(from, bytes); read >= 0; read = source(from, bytes)) {
            frame(channel, bytes, 0, read);
            patience.heard();
        }
        end(channel);
    }

    private static int source(InputStream from, byte[] bytes) throws SourceFailed {
        try {
            return from.read(bytes);
        } catch (IOException failed) {
            throw new SourceFailed(failed);
        }
    }

    /// It was not the connection that broke.
    static final class SourceFailed extends IOException {
        final IOException why;

        SourceFailed(IOException why) {
            super(why);
            this.why = why;
        }
    }

    /// What is written there goes out at once; to be ended by `end`.
    static OutputStream output(SocketChannel channel, Patience patience) {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                for (int done = 0; done < length; done += MOST)
                    frame(channel, bytes, offset + done, Math.min(MOST, length - done));
                patience.heard();
            }
        };
    }

    static void end(SocketChannel channel) throws IOException {
        all(channel, ByteBuffer.allocate(4));
    }

    static void read(SocketChannel channel, Patience patience, OutputStream to) throws IOException {
        try (InputStream from = input(channel, patience)) {
            from.transferTo(to);
        }
    }

    /// Ends where the frames do.
    static InputStream input(SocketChannel channel, Patience patience) {
        return new InputStream() {
            private ByteBuffer frame = ByteBuffer.allocate(0);
            private boolean over;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (length == 0) return 0;
                if (!frame.hasRemaining() && !over) next();
                if (over) return -1;
                int now = Math.min(length, frame.remaining());
                frame.get(into, offset, now);
                return now;
            }

            private void next() throws IOException {
                int length = exactly(channel, 4).getInt();
                if (length < 0 || length > MOST) throw new IOException("not a frame's length: " + length);
                over = length == 0;
                frame = exactly(channel, length);
                patience.heard();
            }
        };
    }

    private static void frame(SocketChannel channel, byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return;
        all(channel, ByteBuffer.allocate(4).putInt(length).flip());
        all(channel, ByteBuffer.wrap(bytes, offset, length));
    }

    private static void all(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    private static ByteBuffer exactly(SocketChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) if (channel.read(bytes) < 0) throw new EOFException("the bytes ended early");
        return bytes.flip();
    }
}
