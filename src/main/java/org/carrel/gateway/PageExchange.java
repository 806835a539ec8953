package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.carrel.gateway.GatewayMetrics.Refusal;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.gateway.http1.ReceivedHead;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.carrel.http.Handler;
import org.carrel.port.Identities.Identity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A request answered by a handler of ours, on a virtual thread of its own; their number is bounded.
final class PageExchange implements Exchange {
    private static final Logger log = LoggerFactory.getLogger(PageExchange.class);

    private final ClientConnection client;
    private final Services services;
    private final ReceivedHead head;
    private final Identity identity;
    private final PageBody body;
    private final boolean isHead;
    private final boolean http11;
    private final AtomicBoolean waitsForContinue;
    private volatile @Nullable EventStream stream;
    private volatile boolean dismissed;
    private volatile boolean over;

    private PageExchange(ClientConnection client, RawRequest request, ReceivedHead head, Identity identity) {
        this.client = client;
        this.services = client.loop.services;
        this.head = head;
        this.identity = identity;
        this.isHead = request.isMethod("HEAD");
        this.http11 = request.isHttp11();
        this.waitsForContinue = new AtomicBoolean(request.expectsContinue() && request.hasBody());
        this.body = new PageBody(
                services.limits.sizes().pageBodyBytes(),
                services.limits.silences().body().toNanos(),
                () -> client.loop.run(client::resume));
        if (!request.hasBody()) body.end();
    }

    static void begin(
            ClientConnection client, RawRequest request, ReceivedHead head, Identity identity, Handler handler) {
        Services services = client.loop.services;
        if (request.contentLength() > services.limits.sizes().pageBodyBytes()) {
            services.metrics.refused(Refusal.LIMIT);
            client.fail(413, "the body is too large for this page");
            return;
        }
        if (!services.pageSlots.tryAcquire()) {
            services.metrics.refused(Refusal.LIMIT);
            client.fail(503, "too many requests at once; try again in a moment");
            return;
        }
        PageExchange exchange = new PageExchange(client, request, head, identity);
        client.begin(exchange);
        PageRequest asked = new PageRequest(head, identity, exchange.body, exchange::sayContinue);
        Thread.ofVirtual().name("page-" + head.id()).start(() -> exchange.answer(asked, handler));
    }

    private void answer(PageRequest asked, Handler handler) {
        Answer answer;
        try {
            answer = handler.answer(asked);
        } catch (PageBody.TooLarge tooLarge) {
            answer = Answer.text(413, "413: " + tooLarge.getMessage() + "\n");
        } catch (PageBody.Unfinished unfinished) {
            answer = Answer.text(408, "408: " + unfinished.getMessage() + "\n");
        } catch (IOException | RuntimeException | Error broken) {
            answer = broke(broken);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            answer = broke(stopped);
        } finally {
            services.pageSlots.release();
        }
        switch (answer) {
            case Answer.Whole whole -> give(whole);
            case Answer.Events endless -> {
                Feed<Answer.Event> feed = endless.feed();
                EventStream events = new EventStream(client, services, this, feed, http11);
                stream = events;
                if (dismissed) events.stop();
                if (over) feed.close();
                else events.run(isHead);
            }
        }
    }

    void give(Answer.Whole answer) {
        client.loop.run(() -> write(answer));
    }

    private Answer.Whole broke(Throwable cause) {
        log.error("page broke method={} path={} request={}", head.method(), head.path(), head.id(), cause);
        return Answer.text(500, "500: something broke here. The log has more, under request " + head.id() + ".\n");
    }

    private void write(Answer.Whole answer) {
        if (over) return;
        ByteBuf bytes;
        boolean close = client.isLastRequest() || !client.isBodyRead();
        try {
            bytes = Answers.whole(client.loop, client.channel.alloc(), answer, isHead, close);
        } catch (IllegalArgumentException unsound) {
            Answer.Whole instead = broke(unsound);
            bytes = Answers.whole(client.loop, client.channel.alloc(), instead, isHead, close);
        }
        client.answerBegins(answer.status());
        client.write(bytes);
        client.flush();
        ended(true);
    }

    /// The answer is written.
    void ended(boolean clear) {
        if (over) return;
        over = true;
        client.answered(clear);
    }

    boolean isOver() {
        return over;
    }

    private void sayContinue() {
        if (waitsForContinue.compareAndSet(true, false)) client.loop.run(this::writeContinue);
    }

    private void writeContinue() {
        if (over || client.isBodyRead()) return;
        client.write(Answers.goOn(client.channel.alloc()));
        client.flush();
    }

    @Override
    public boolean wantsBody() {
        return body.hasRoom();
    }

    @Override
    public boolean takesFraming() {
        return false;
    }

    @Override
    public void body(ByteBuf part) {
        body.put(part);
        part.release();
    }

    @Override
    public void bodyEnded() {
        body.end();
    }

    @Override
    public void flush() {}

    @Override
    public void clientWritable() {
        EventStream open = stream;
        if (open != null) open.clientWritable();
    }

    @Override
    public void abandon() {
        over = true;
        body.fail();
        EventStream open = stream;
        if (open != null) open.stop();
    }

    @Override
    public void tick(long now) {}

    /// A page comes to its end; a stream would go on telling. The browser asks again, and hears that it is signed out.
    @Override
    public void recheck() {
        if (!(identity instanceof Identity.Known known) || known.standing().holds()) return;
        dismissed = true;
        EventStream open = stream;
        if (open != null) open.stop();
    }

    @Override
    public boolean isEndless() {
        return stream != null;
    }
}
