package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Knock;
import org.carrel.port.Pages.Hindrance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A request that waits at the gate of its session. The body waits with it, unread.
final class Admitting implements Exchange {
    private static final Logger log = LoggerFactory.getLogger(Admitting.class);

    private final Visit visit;
    private final HeldLease.Key key;

    private Admitting(Visit visit, HeldLease.Key key) {
        this.visit = visit;
        this.key = key;
    }

    static void begin(Visit visit, HeldLease.Key key) {
        Services services = visit.client().loop.services;
        if (!services.pageSlots.tryAcquire()) {
            visit.client().fail(503, "too many requests at once");
            return;
        }
        Admitting waiting = new Admitting(visit, key);
        visit.client().begin(waiting);
        Thread.ofVirtual().name("admit-" + visit.id()).start(() -> waiting.knock(services));
    }

    private void knock(Services services) {
        Loop loop = visit.client().loop;
        try {
            Verdict verdict = services.admission.admit(new Knock(key.session(), key.by(), key.kind()));
            if (!loop.run(() -> decided(verdict)) && verdict instanceof Verdict.Open open)
                open.lease().close();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException broken) {
            log.error("admission broke session={} request={}", key.session(), visit.id(), broken);
            loop.run(this::broke);
        } finally {
            services.pageSlots.release();
        }
    }

    private void broke() {
        if (visit.client().isServing(this)) visit.client().fail(500, "something broke here; request " + visit.id());
    }

    private void decided(Verdict verdict) {
        ClientConnection client = visit.client();
        if (!client.isServing(this)) {
            if (verdict instanceof Verdict.Open open) client.loop.leases.hold(key, open, client.loop.now);
            return;
        }
        switch (verdict) {
            case Verdict.Open open ->
                visit.carry(client.parsedAgain(), client.loop.leases.hold(key, open, client.loop.now));
            case Verdict.NotYet notYet -> visit.instead(new Hindrance.NotYet(notYet.session()));
            case Verdict.Gone gone -> visit.instead(new Hindrance.Gone(gone.end()));
            case Verdict.Absent absent -> visit.instead(new Hindrance.Absent());
        }
        client.resume();
    }

    @Override
    public boolean wantsBody() {
        return false;
    }

    @Override
    public boolean takesFraming() {
        return true;
    }

    @Override
    public void body(ByteBuf part) {
        part.release();
    }

    @Override
    public void bodyEnded() {}

    @Override
    public void flush() {}

    @Override
    public void clientWritable() {}

    @Override
    public void abandon() {}

    @Override
    public void tick(long now) {}
}
