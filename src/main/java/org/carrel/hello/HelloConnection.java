package org.carrel.hello;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// One connection of the built-in app: enough HTTP/1.1 for a gateway in front, requests in turn, then perhaps a
/// WebSocket.
final class HelloConnection {
    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_HEADERS = 200;
    private static final int MAX_BODY = 1 << 20;
    private static final int MAX_FRAME = 1 << 20;

    private final InputStream in;
    private final OutputStream out;
    private final AtomicLong counter;
    private final byte[] page;

    HelloConnection(SocketChannel client, AtomicLong counter, byte[] page) {
        // one stream for each direction: a channel's own streams share a lock, and an echo would wait for a read
        this.in = new BufferedInputStream(Channels.newInputStream(client));
        this.out = new ChannelOutput(client);
        this.counter = counter;
        this.page = page;
    }

    void run() throws IOException {
        while (true) {
            String line = line();
            if (line.isEmpty()) return;
            String[] words = line.split(" ");
            Map<String, String> headers = headers();
            skipBody(headers);
            if (words.length != 3) {
                answer(400, "text/plain", bytes("bad request"), "GET");
                return;
            }
            String path = words[1].split("\\?", 2)[0];
            if (path.equals("/echo") && headers.getOrDefault("upgrade", "").equalsIgnoreCase("websocket")) {
                echo(headers);
                return;
            }
            if (path.equals("/ticks")) {
                ticks();
                return;
            }
            switch (path) {
                case "/" -> answer(200, "text/html; charset=utf-8", page, words[0]);
                case "/who" -> answer(200, "application/json", bytes(who(headers)), words[0]);
                case "/count" -> {
                    long now = words[0].equals("POST") ? counter.incrementAndGet() : counter.get();
                    answer(200, "application/json", bytes("{\"count\":" + now + "}"), words[0]);
                }
                default -> answer(404, "text/plain", bytes("nothing here"), words[0]);
            }
        }
    }

    private String who(Map<String, String> headers) {
        return "{\"user\":" + quoted(headers.getOrDefault("x-carrel-user", "nobody"))
                + ",\"pid\":" + ProcessHandle.current().pid()
                + ",\"runsAs\":" + quoted(System.getProperty("user.name", "?"))
                + ",\"directory\":" + quoted(System.getProperty("user.dir", "?"))
                + ",\"count\":" + counter.get() + "}";
    }

    private static String quoted(String text) {
        return "\"" + text.replaceAll("[\\\\\"]", "\\\\$0").replaceAll("\\p{Cntrl}", " ") + "\"";
    }

    /// Server-sent events: the counter once a second, until the browser goes.
    private void ticks() throws IOException {
        write(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
        try {
            for (long tick = 0; ; tick++) {
                write("data: {\"tick\":" + tick + ",\"count\":" + counter.get() + "}\n\n");
                Thread.sleep(1000);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /// Source: RFC 6455, sections 4.2.2 and 5.2.
    private void echo(Map<String, String> headers) throws IOException {
        write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + accept(headers.getOrDefault("sec-websocket-key", "")) + "\r\n\r\n");
        DataInputStream frames = new DataInputStream(in);
        while (true) {
            int first;
            try {
                first = frames.readUnsignedByte();
            } catch (EOFException gone) {
                return;
            }
            int second = frames.readUnsignedByte();
            long length = second & 0x7f;
            if (length == 126) length = frames.readUnsignedShort();
            else if (length == 127) length = frames.readLong();
            if ((second & 0x80) == 0 || length < 0 || length > MAX_FRAME) return;
            byte[] mask = frames.readNBytes(4);
            byte[] payload = frames.readNBytes((int) length);
            if (payload.length < length) return;
            for (int i = 0; i < payload.length; i++) payload[i] ^= mask[i & 3];
            int opcode = first & 0x0f;
            if (opcode == 0xA) continue;
            int answered = opcode == 0x9 ? 0x8A : first;
            send(answered, payload);
            if (opcode == 0x8) return;
        }
    }

    private void send(int first, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 10);
        frame.write(first);
        if (payload.length < 126) frame.write(payload.length);
        else if (payload.length < 65536) {
            frame.write(126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        frame.writeBytes(payload);
        out.write(frame.toByteArray());
    }

    private static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-1", impossible);
        }
    }

    private void answer(int status, String type, byte[] body, String method) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(bytes("HTTP/1.1 " + status + (status == 200 ? " OK" : " Error") + "\r\nContent-Type: " + type
                + "\r\nContent-Length: " + body.length + "\r\nCache-Control: no-store\r\n\r\n"));
        if (!method.equals("HEAD")) whole.writeBytes(body);
        out.write(whole.toByteArray());
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        while (true) {
            String line = line();
            if (line.isEmpty()) return headers;
            int colon = line.indexOf(':');
            if (colon < 1 || headers.size() >= MAX_HEADERS) throw new ProtocolException("bad header");
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
    }

    private void skipBody(Map<String, String> headers) throws IOException {
        if (headers.containsKey("transfer-encoding")) throw new ProtocolException("this app takes no chunked bodies");
        long length = Long.parseLong(headers.getOrDefault("content-length", "0"));
        if (length < 0 || length > MAX_BODY) throw new ProtocolException("body too long");
        in.skipNBytes(length);
    }

    /// @return without its end; empty at the end of the stream too
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (line.size() >= MAX_LINE) throw new ProtocolException("line too long");
            if (b != '\r') line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private void write(String text) throws IOException {
        out.write(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Writes straight to the channel, without the lock that `Channels.newOutputStream` shares with the reading side.
    private static final class ChannelOutput extends OutputStream {
        private final SocketChannel channel;

        ChannelOutput(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
            while (buffer.hasRemaining()) channel.write(buffer);
        }
    }
}
