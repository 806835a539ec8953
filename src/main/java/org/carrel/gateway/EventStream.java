package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.carrel.gateway.GatewayMetrics.Refusal;
import org.carrel.http.Answer;
import org.carrel.http.Answer.Event;
import org.carrel.http.Feed;

/// Server-sent events from a feed to a browser, until one of them ends. One virtual thread reads the feed and waits
/// while the browser is slow, so a feed that skips can skip.
///
/// Source: HTML standard 9.2. `event: <name>`, `data: <line>`, an empty line; a comment line when nothing came for 15
/// s.
final class EventStream {
    private static final Duration COMMENT_AFTER = Duration.ofSeconds(15);

    private final ClientConnection client;
    private final Services services;
    private final PageExchange exchange;
    private final Feed<Event> feed;
    private final boolean chunked;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean full;
    private boolean stopped;

    /// @param chunked the browser understands chunks; else the stream ends with the connection
    EventStream(ClientConnection client, Services services, PageExchange exchange, Feed<Event> feed, boolean chunked) {
        this.client = client;
        this.services = services;
        this.exchange = exchange;
        this.feed = feed;
        this.chunked = chunked;
    }

    /// Blocks until the stream is over.
    void run(boolean headOnly) {
        if (!services.eventSlots.tryAcquire()) {
            services.metrics.refused(Refusal.LIMIT);
            feed.close();
            exchange.give(Answer.text(503, "503: too many event streams at once\n"));
            return;
        }
        try (feed) {
            client.loop.run(this::begin);
            if (!headOnly) pump();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } finally {
            services.eventSlots.release();
            client.loop.run(() -> end(headOnly));
        }
    }

    private void pump() throws InterruptedException {
        while (awaitRoom()) {
            Optional<Event> event = feed.next(COMMENT_AFTER);
            if (event.isPresent()) send(text(event.get()));
            else if (feed.ended()) return;
            else send(": still here\n\n");
        }
    }

    /// @return false when the browser has gone
    private boolean awaitRoom() throws InterruptedException {
        lock.lock();
        try {
            while (full && !stopped) changed.await();
            return !stopped;
        } finally {
            lock.unlock();
        }
    }

    private static String text(Event event) {
        StringBuilder text = new StringBuilder();
        if (!event.name().isEmpty())
            text.append("event: ").append(oneLine(event.name())).append('\n');
        event.data()
                .lines()
                .forEach(line -> text.append("data: ").append(oneLine(line)).append('\n'));
        if (event.data().isEmpty()) text.append("data: \n");
        return text.append('\n').toString();
    }

    private static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }

    private void send(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        mark(true, false);
        client.loop.run(() -> write(bytes));
    }

    private void begin() {
        if (exchange.isOver()) return;
        client.answerBegins(200);
        boolean close = !chunked || client.isLastRequest();
        client.write(Answers.stream(client.loop, client.channel.alloc(), chunked, close));
        client.flush();
    }

    private void write(byte[] bytes) {
        if (exchange.isOver()) return;
        ByteBuf out = client.channel.alloc().directBuffer(bytes.length + 16);
        if (chunked) out.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(UTF_8));
        out.writeBytes(bytes);
        if (chunked) out.writeByte('\r').writeByte('\n');
        client.write(out);
        client.flush();
        clientWritable();
    }

    private void end(boolean headOnly) {
        if (exchange.isOver()) return;
        if (chunked && !headOnly) {
            client.write(client.channel.alloc().directBuffer(8).writeBytes("0\r\n\r\n".getBytes(UTF_8)));
        }
        client.flush();
        exchange.ended(chunked);
    }

    /// Called on the loop.
    void clientWritable() {
        mark(!client.channel.isWritable(), false);
    }

    /// The browser has gone, or the gateway goes. Closing the feed wakes its reader; it might wait for a lock, so not
    /// here on the loop.
    void stop() {
        mark(false, true);
        Thread.ofVirtual().name("close-feed").start(feed::close);
    }

    private void mark(boolean isFull, boolean isStopped) {
        lock.lock();
        try {
            full = isFull;
            stopped |= isStopped;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
