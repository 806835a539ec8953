package org.carrel.kind;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.carrel.domain.session.Endpoint;

/// As much of a client of Rserve as tests need, for what the Java client can't do: sockets other than TCP, half a
/// message, commands that are refused. Blocking. Source: Rserve's `src/include/Rsrv.h` (QAP1, 0103).
public final class Qap implements AutoCloseable {
    public static final int SHUTDOWN = 0x004;
    public static final int EVAL = 0x003;
    public static final int OK = 0x10001;
    public static final int ERROR = 0x10002;

    private static final int GREETING = 32;
    private static final int STRING = 4;
    private static final int DOUBLES = 33;

    /// @param command `OK`, or `ERROR` with a status in bits 24 to 30
    public record Answer(int command, byte[] body) {
        public int status() {
            return command >>> 24 & 0x7f;
        }

        public boolean isOk() {
            return (command & 0xffffff) == OK;
        }
    }

    private final SocketChannel channel;
    private final String greeting;

    private Qap(SocketChannel channel) throws IOException {
        this.channel = channel;
        this.greeting = new String(read(GREETING).array(), StandardCharsets.ISO_8859_1);
    }

    public static Qap connect(Endpoint endpoint) throws IOException {
        return of(SocketChannel.open(
                switch (endpoint) {
                    case Endpoint.Unix(var path) -> UnixDomainSocketAddress.of(path);
                    case Endpoint.Tcp(var port) -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                }));
    }

    public static Qap connect(InetSocketAddress address) throws IOException {
        return of(SocketChannel.open(address));
    }

    private static Qap of(SocketChannel channel) throws IOException {
        try {
            return new Qap(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    public String greeting() {
        return greeting;
    }

    /// @throws IOException when R says an error, or something else than one number
    public double number(String expression) throws IOException {
        Answer answer = eval(expression);
        if (!answer.isOk()) throw new IOException("status " + answer.status() + " for " + expression);
        ByteBuffer body = ByteBuffer.wrap(answer.body()).order(ByteOrder.LITTLE_ENDIAN);
        // a parameter's header, then an expression's, whose type may say that attributes follow
        int type = body.get(4) & 0x3f;
        if (type != DOUBLES) throw new IOException("type " + type + " for " + expression);
        return body.getDouble(8);
    }

    public Answer eval(String expression) throws IOException {
        send(EVAL, string(expression));
        return answer();
    }

    public void send(int command, byte[] parameters) throws IOException {
        write(header(command, parameters.length));
        write(ByteBuffer.wrap(parameters));
    }

    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    public Answer answer() throws IOException {
        ByteBuffer header = read(16);
        int command = header.getInt();
        int length = header.getInt();
        return new Answer(command, read(length).array());
    }

    /// As a client on a thin line takes it: a piece, then a pause.
    public Answer answer(int piece, Duration pause) throws IOException, InterruptedException {
        ByteBuffer header = read(16);
        int command = header.getInt();
        ByteBuffer body = ByteBuffer.allocate(header.getInt());
        while (body.hasRemaining()) {
            body.limit(Math.min(body.capacity(), body.position() + piece));
            while (body.hasRemaining()) if (channel.read(body) < 0) throw new EOFException("closed after " + body);
            body.limit(body.capacity());
            Thread.sleep(pause);
        }
        return new Answer(command, body.array());
    }

    /// whether nothing more comes
    public boolean isAtEnd() throws IOException {
        return channel.read(ByteBuffer.allocate(1)) < 0;
    }

    public static ByteBuffer header(int command, long length) {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(command)
                .putInt((int) length)
                .putInt(0)
                .putInt((int) (length >>> 32))
                .flip();
    }

    public static byte[] string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int padded = utf8.length + 4 & ~3;
        ByteBuffer parameter = ByteBuffer.allocate(4 + padded).order(ByteOrder.LITTLE_ENDIAN);
        parameter.putInt(STRING | padded << 8).put(utf8);
        return parameter.array();
    }

    private ByteBuffer read(int bytes) throws IOException {
        ByteBuffer whole = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (whole.hasRemaining()) if (channel.read(whole) < 0) throw new EOFException("closed after " + whole);
        return whole.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
