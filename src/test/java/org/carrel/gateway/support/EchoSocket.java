package org.carrel.gateway.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;

/// A workload's end of a WebSocket: sends each data frame back, counts what else it sees.
public final class EchoSocket implements Backend.Script {
    /// to be sent back unmasked
    public record Frame(int first, byte[] payload) {
        public int opcode() {
            return first & 0x0f;
        }
    }

    public final AtomicInteger pongs = new AtomicInteger();
    public final AtomicInteger closes = new AtomicInteger();

    @Override
    public boolean answer(Backend.Seen request, InputStream in, OutputStream out) throws IOException {
        out.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                .getBytes(ISO_8859_1));
        out.flush();
        while (true) {
            Frame frame = read(in);
            if (frame.opcode() == 10) pongs.incrementAndGet();
            if (frame.opcode() == 8) {
                closes.incrementAndGet();
                out.write(frame(0x88, frame.payload(), false));
                return false;
            }
            if (frame.opcode() < 8) out.write(frame(frame.first(), frame.payload(), false));
            out.flush();
        }
    }

    public static Frame read(InputStream from) throws IOException {
        DataInputStream in = new DataInputStream(from);
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        long length = second & 0x7f;
        if (length == 126) length = in.readUnsignedShort();
        else if (length == 127) length = in.readLong();
        byte[] mask = new byte[4];
        if ((second & 0x80) != 0) in.readFully(mask);
        byte[] payload = new byte[(int) length];
        in.readFully(payload);
        for (int i = 0; i < payload.length; i++) payload[i] ^= mask[i % 4];
        return new Frame(first, payload);
    }

    public static byte[] frame(int first, byte[] payload, boolean masked) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        int mask = masked ? 0x80 : 0;
        out.write(first);
        if (payload.length < 126) out.write(mask | payload.length);
        else if (payload.length < 65536) {
            out.write(mask | 126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(mask | 127);
            for (int shift = 56; shift >= 0; shift -= 8) out.write((int) ((long) payload.length >> shift));
        }
        byte[] key = {1, 2, 3, 4};
        if (masked) out.writeBytes(key);
        for (int i = 0; i < payload.length; i++) out.write(masked ? payload[i] ^ key[i % 4] : payload[i]);
        return out.toByteArray();
    }
}
