package org.carrel.door;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// The door as a path of the public listener, for nodes whose way leads through HTTP proxies: a WebSocket, and in its
/// frames what any other connection to the door begins with, TLS with certificates of both sides. So a proxy sees
/// ciphertext, and whoever is no node gets no further than a handshake; cookies and tokens of people are of no use
/// here.
public final class WebDoor implements AutoCloseable {
    public static final String PATH = "/.carrel/door";

    /// Strangers may come this far, so they don't take the places of those who come by the door's own port.
    private static final int HANDSHAKES_MOST = 16;

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final Door door;
    private final AtomicInteger handshakes = new AtomicInteger();
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    public WebDoor(Door door) {
        this.door = door;
    }

    /// What is answered to a request for an upgrade.
    /// @param key       `Sec-WebSocket-Key`
    /// @param version   `Sec-WebSocket-Version`
    /// @param protocols `Sec-WebSocket-Protocol`
    /// @return the whole head of a 101; empty when it isn't the request of a node
    public Optional<String> answer(Optional<String> key, Optional<String> version, Optional<String> protocols) {
        boolean ours = protocols.isPresent()
                && List.of(protocols.get().split("\\s*,\\s*")).contains(Framing.PROTOCOL);
        if (!ours || !version.equals(Optional.of("13")) || key.isEmpty() || !isKey(key.get())) return Optional.empty();
        return Optional.of("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Protocol: " + Framing.PROTOCOL + "\r\nSec-WebSocket-Accept: " + accepted(key.get())
                + "\r\n\r\n");
    }

    /// The connection is the door's from now on: what is read goes to the handlers that this adds. On its event loop.
    public void welcome(Channel channel) {
        open.add(channel);
        channel.pipeline()
                .addLast(
                        new WebSocket13FrameEncoder(false),
                        new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                                .expectMaskedFrames(true)
                                .allowMaskMismatch(false)
                                .allowExtensions(false)
                                .maxFramePayloadLength(Framing.FRAME_MOST)
                                .withUTF8Validator(false)
                                .build()));
        Framing.install(channel);
        Arriving.welcome(door, channel, handshakes, HANDSHAKES_MOST);
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == 16;
        } catch (IllegalArgumentException no) {
            return false;
        }
    }

    /// RFC 6455, 4.2.2
    private static String accepted(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java has SHA-1
        }
    }

    /// Waits for nothing: where the listener has been closed before, its loops do nothing any more.
    @Override
    public void close() {
        open.close();
    }
}
