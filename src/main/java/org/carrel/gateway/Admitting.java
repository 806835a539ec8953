package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Optional;
import org.carrel.domain.session.Endpoint;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Carrier;
import org.carrel.port.Knock;
import org.carrel.port.Pages.Hindrance;
import org.carrel.port.SocketOwner;
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
            Verdict verdict =
                    services.admission.admit(new Knock(key.session(), key.by().principal(), key.kind()));
            switch (verdict) {
                case Verdict.Open open -> opened(loop, open);
                case Verdict.NotYet notYet -> loop.run(() -> instead(new Hindrance.NotYet(notYet.session())));
                case Verdict.Gone gone -> loop.run(() -> instead(new Hindrance.Gone(gone.end())));
                case Verdict.Absent absent -> loop.run(() -> instead(new Hindrance.Absent()));
                case Verdict.Unreachable elsewhere ->
                    loop.run(() -> instead(new Hindrance.Silent(false, elsewhere.why())));
            }
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

    /// Who may listen at its socket is looked up here, because event loops don't touch files.
    private void opened(Loop loop, Verdict.Open open) {
        try {
            Optional<SocketOwner> owner = open.carrier() instanceof Carrier.Near(Endpoint endpoint)
                    ? SocketOwner.of(endpoint)
                    : Optional.empty();
            if (!loop.run(() -> admitted(open, owner))) open.lease().close();
        } catch (IOException gone) {
            open.lease().close();
            log.warn("a session's socket has no place session={} cause=\"{}\"", key.session(), gone.toString());
            loop.run(() -> instead(new Hindrance.Silent(false, "its socket is gone")));
        }
    }

    private void admitted(Verdict.Open open, Optional<SocketOwner> owner) {
        ClientConnection client = visit.client();
        HeldLease lease = client.loop.leases.hold(key, open, owner, client.loop.now);
        if (!client.isServing(this)) return;
        visit.carry(client.parsedAgain(), lease);
        client.resume();
    }

    private void instead(Hindrance why) {
        if (!visit.client().isServing(this)) return;
        visit.unreached(why);
        visit.client().resume();
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

    @Override
    public void recheck() {
        if (!key.by().standing().holds()) visit.client().fail(401, "signed out meanwhile");
    }

    @Override
    public Optional<HeldLease.Key> carriedFor() {
        return Optional.of(key);
    }
}
