package org.carrel.gateway.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/// The few frames the gateway makes itself.
public final class Frames {
    public static final int GOING_AWAY = 1001;
    public static final int POLICY = 1008;

    private Frames() {}

    /// An unmasked ping with no payload, toward a client.
    public static ByteBuf ping(ByteBufAllocator allocator) {
        return allocator.buffer(2).writeByte(0x89).writeByte(0);
    }

    /// @param masked it goes to a server
    /// @param why    at most 100 bytes of ASCII
    public static ByteBuf close(ByteBufAllocator allocator, int code, String why, boolean masked) {
        byte[] text = why.getBytes(StandardCharsets.US_ASCII);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        ByteBuf frame = allocator.buffer(6 + payload.length).writeByte(0x88);
        frame.writeByte((masked ? 0x80 : 0) | payload.length);
        if (masked) {
            int mask = ThreadLocalRandom.current().nextInt();
            frame.writeInt(mask);
            for (int i = 0; i < payload.length; i++) payload[i] ^= (byte) (mask >> 8 * (3 - i % 4));
        }
        return frame.writeBytes(payload);
    }
}
