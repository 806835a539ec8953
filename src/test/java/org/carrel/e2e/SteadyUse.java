package org.carrel.e2e;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Somebody who uses Carrel without a pause and notices everything: a connection that is refused, reset or closed, a
/// status that isn't 200, an echo that doesn't come.
final class SteadyUse {
    private interface Deed {
        void once() throws Exception;
    }

    private final String name;
    private final Deed deed;
    private final AtomicBoolean over;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong longest = new AtomicLong();
    private final List<String> troubles = new CopyOnWriteArrayList<>();
    private final Thread thread;

    private SteadyUse(String name, AtomicBoolean over, Deed deed) {
        this.name = name;
        this.deed = deed;
        this.over = over;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    /// POSTs on one kept connection: none may be lost, none sent twice.
    static SteadyUse requests(int port, String host, String path, AtomicBoolean over, String... headers)
            throws IOException {
        Kept kept = new Kept(port);
        return new SteadyUse("requests " + path, over, () -> kept.ask("POST", host, path, headers));
    }

    /// A new connection each time.
    static SteadyUse fresh(int port, AtomicBoolean over) {
        return new SteadyUse("fresh", over, () -> {
            try (Kept once = new Kept(port)) {
                once.ask("GET", "localhost:" + port, "/health/live");
            }
        });
    }

    static SteadyUse echo(RawWebSocket socket, AtomicBoolean over) {
        AtomicLong sent = new AtomicLong();
        return new SteadyUse("echo", over, () -> {
            String text = "message " + sent.incrementAndGet();
            socket.sendText(text);
            if (socket.await(text::equals).isEmpty()) throw new EOFException("no echo of " + text);
        });
    }

    /// An answer without an end: it is under way in every upgrade.
    static SteadyUse stream(int port, String host, String path, AtomicBoolean over, String... headers)
            throws IOException {
        Kept kept = new Kept(port);
        kept.send("GET", host, path, headers);
        kept.head();
        return new SteadyUse("stream", over, () -> {
            if (kept.in.read() < 0) throw new EOFException("the stream ended");
        });
    }

    private static final class Kept implements AutoCloseable {
        private final Socket socket;
        final InputStream in;

        Kept(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(30_000);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        }

        void ask(String method, String host, String path, String... headers) throws IOException {
            send(method, host, path, headers);
            String head = head();
            if (!head.startsWith("HTTP/1.1 200 ")) throw new IOException(head);
            int at = head.indexOf("Content-Length: ");
            in.skipNBytes(Long.parseLong(head.substring(at + 16, head.indexOf('\r', at))));
            if (head.contains("Connection: close")) throw new IOException("told to close: " + head);
        }

        void send(String method, String host, String path, String... headers) throws IOException {
            StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
            for (String header : headers) request.append(header).append("\r\n");
            if (method.equals("POST")) request.append("Content-Length: 0\r\n");
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        }

        String head() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
                int b = in.read();
                if (b < 0) throw new EOFException("closed after \"" + head + "\"");
                head.append((char) b);
            }
            return head.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!over.get()) {
                long began = System.nanoTime();
                deed.once();
                longest.accumulateAndGet(System.nanoTime() - began, Math::max);
                done.incrementAndGet();
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (Exception trouble) {
            troubles.add(name + " after " + done + ": " + trouble);
        }
    }

    void awaitMore() throws Exception {
        long now = done.get();
        RunningCarrel.await(name + " goes on", () -> done.get() > now || !troubles.isEmpty());
        if (!troubles.isEmpty()) throw new AssertionError(troubles.toString());
    }

    void join() throws InterruptedException {
        thread.join(30_000);
    }

    String name() {
        return name;
    }

    long done() {
        return done.get();
    }

    long longestMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longest.get());
    }

    List<String> troubles() {
        return troubles;
    }
}
