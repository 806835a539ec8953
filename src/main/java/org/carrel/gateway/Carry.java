package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.gateway.http1.Known;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.gateway.http1.RawResponse;
import org.carrel.gateway.http1.RefusedException;
import org.carrel.gateway.http1.RequestRewrite;
import org.carrel.gateway.http1.ResponseRewrite;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Lease;
import org.carrel.port.Pages.Hindrance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries one request to a session's workload and its answer back. Bytes are passed on as they come, in both
/// directions, as fast as the slower side takes them.
///
/// A request that can be repeated may go over a kept connection, and once more over a fresh one when that turns out to
/// be dead; where it was for a service, also to another copy. All others get a fresh connection:
/// nobody can tell whether a lost request was carried out.
final class Carry implements Exchange, Dialing.Caller {
    private static final Logger log = LoggerFactory.getLogger(Carry.class);
    private static final long LONG_LIVED_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Visit visit;
    private final ClientConnection client;
    private final HeldLease held;
    private final Lease lease;
    private final RequestRewrite there;
    private final ResponseRewrite back;
    private final Carried asked;
    private final long begun;

    private @Nullable UpstreamConnection upstream;
    private boolean pooled;
    private boolean requestEnded;
    private boolean answerBegun;
    private boolean over;
    private boolean longLived;
    private long lastMove;

    Carry(Visit visit, HeldLease held, RequestRewrite there, ResponseRewrite back, RawRequest request) {
        this.visit = visit;
        this.client = visit.client();
        this.held = held;
        this.lease = held.open.lease();
        this.there = there;
        this.back = back;
        // a service's pages have no bar
        Carried whole = Carried.of(request, visit.place(), held.open.rules().polls());
        this.asked = visit.balancing().isPresent() ? whole.plain() : whole;
        this.requestEnded = !asked.hasBody();
        this.begun = client.loop.now;
        this.lastMove = begun;
    }

    void begin(RawRequest request) {
        client.begin(this);
        held.use();
        Optional<UpstreamConnection> kept = asked.repeatable() && asked.http11() ? held.takeIdle() : Optional.empty();
        if (kept.isPresent()) {
            pooled = true;
            send(kept.get(), request);
        } else dial();
    }

    private void dial() {
        Dialing.begin(client.loop, held, visit.id(), this);
    }

    @Override
    public boolean stillWants() {
        return !over;
    }

    @Override
    public void connected(UpstreamConnection fresh) {
        send(fresh, client.parsedAgain());
        client.resume();
    }

    @Override
    public void notConnected(Hindrance why, @Nullable Throwable cause) {
        give(why, cause, true);
    }

    private void send(UpstreamConnection to, RawRequest request) {
        upstream = to;
        to.begin(this, pooled);
        there.write(request, visit.id().value(), asked.document(), client.loop.out);
        to.channel()
                .write(
                        client.loop.takeOut(to.channel().alloc(), 0),
                        to.channel().voidPromise());
        // a body that is already here goes out in the same write
        if (requestEnded) client.loop.lateFlushes.add(to.channel());
    }

    @Override
    public boolean wantsBody() {
        return upstream != null && upstream.channel().isWritable();
    }

    @Override
    public boolean takesFraming() {
        return true;
    }

    @Override
    public void body(ByteBuf part) {
        if (asked.use()) lease.sawInput(part.readableBytes());
        lastMove = client.loop.now;
        if (upstream == null) {
            part.release();
            return;
        }
        boolean large = part.readableBytes() >= Transport.LARGE_PIECE;
        upstream.channel().write(part, upstream.channel().voidPromise());
        if (large) upstream.channel().flush();
    }

    @Override
    public void bodyEnded() {
        requestEnded = true;
        lastMove = client.loop.now;
    }

    @Override
    public void flush() {
        if (upstream != null) client.loop.lateFlushes.add(upstream.channel());
    }

    void upstreamWritable() {
        client.resume();
    }

    void moved() {
        lastMove = client.loop.now;
    }

    @Override
    public void clientWritable() {
        if (upstream != null) upstream.keepReading(client.channel.isWritable());
    }

    Carried asked() {
        return asked;
    }

    /// what is put into the head of the session's own pages
    byte[] barLine() {
        return ("<script defer src=\"" + visit.place().prefix() + "/.carrel/bar.js\"></script>").getBytes(US_ASCII);
    }

    ResponseRewrite back() {
        return back;
    }

    ClientConnection client() {
        return client;
    }

    /// A head that begins the final answer was read and is about to be written.
    void answerBegins(RawResponse answer) {
        answerBegun = true;
        client.answerBegins(answer.status());
        if (answer.isEventStream()) livesLong();
    }

    /// @param clear the end of the answer was marked, so the client's connection can go on
    /// @param reusable the workload's connection can carry another request
    void answered(boolean clear, boolean reusable) {
        UpstreamConnection done = upstream;
        stop();
        if (done != null && !(reusable && requestEnded && held.giveBack(done))) done.close();
        client.answered(clear);
    }

    /// The workload agreed to another protocol.
    /// @return false when nobody had asked for one
    boolean switches(RawResponse answer, UpstreamConnection connection) throws RefusedException {
        if (!asked.isUpgrade() || !answer.upgradesTo(asked.upgrade())) return false;
        boolean extended = answer.fields().times(Known.WEBSOCKET_EXTENSIONS) > 0;
        back.writeSwitch(answer, asked.upgrade(), client.loop.out);
        client.answerBegins(101);
        client.write(client.loop.takeOut(client.channel.alloc(), 0));
        client.flush();
        held.use();
        stop();
        Relay relay = asked.upgrade().equals("websocket")
                ? new WebSocketRelay(client, connection, held, asked.query(), extended)
                : new RawRelay(client, connection, held);
        connection.become(relay);
        client.become(relay);
        return true;
    }

    /// The workload's connection ended, or what it sent made no sense.
    void upstreamFailed(String how) {
        if (over) return;
        if (answerBegun) {
            stop();
            log.info("answer cut off session={} request={} why=\"{}\"", held.key.session(), visit.id(), how);
            client.channel.close();
            return;
        }
        if (pooled && asked.repeatable()) {
            pooled = false;
            upstream = null;
            client.loop.services.metrics.retried();
            dial();
            return;
        }
        give(new Hindrance.Silent(true, how), null, asked.repeatable());
    }

    /// What the workload sent isn't HTTP: not a reason to try again.
    void upstreamBroke(String how) {
        if (over) return;
        if (answerBegun) upstreamFailed(how);
        else hinder(new Hindrance.Silent(true, how), null);
    }

    private void hinder(Hindrance why, @Nullable Throwable cause) {
        give(why, cause, false);
    }

    /// @param harmless another copy of a service may be asked: the workload has got nothing of it, or it does no harm
    ///                 twice
    private void give(Hindrance why, @Nullable Throwable cause, boolean harmless) {
        stop();
        if (why instanceof Hindrance.Silent silent) {
            log.info(
                    "session did not answer session={} request={} busy={} why=\"{}\" cause=\"{}\"",
                    held.key.session(),
                    visit.id(),
                    silent.busy(),
                    silent.detail(),
                    cause == null ? "" : cause.getMessage());
            if (!silent.busy()) client.loop.leases.forget(held);
        }
        if (harmless) visit.unreached(why);
        else visit.instead(why);
        client.resume();
    }

    @Override
    public void abandon() {
        UpstreamConnection left = upstream;
        stop();
        if (left != null) left.close();
    }

    /// Gives back what this exchange holds; the workload's connection is no longer its.
    private void stop() {
        if (over) return;
        over = true;
        if (upstream != null) upstream.end();
        upstream = null;
        if (longLived) lease.connections(-1);
        held.endUse(client.loop.now);
    }

    private void livesLong() {
        if (longLived) return;
        longLived = true;
        lease.connections(1);
    }

    @Override
    public void tick(long now) {
        Limits.Silences silences = client.loop.services.limits.silences();
        if (now - begun > LONG_LIVED_NANOS) livesLong();
        if (upstream != null) upstream.tick(now);
        boolean waitsForClient = !client.channel.isWritable() || !requestEnded && wantsBody();
        if (waitsForClient) lastMove = now;
        if (now - lastMove > silences.answer().toNanos()) {
            UpstreamConnection silent = upstream;
            pooled = false;
            upstreamFailed("no answer for " + silences.answer());
            if (silent != null) silent.close();
        }
    }

    /// Short answers of a session that is being stopped may still come to their end.
    @Override
    public void recheck() {
        if (!held.isStillProved())
            endForGood(new Hindrance.Unproved(new Identity.Refused(401, "signed out meanwhile")));
        else if (longLived && !lease.stillAllowed()) endForGood(new Hindrance.Absent());
    }

    private void endForGood(Hindrance why) {
        UpstreamConnection left = upstream;
        if (answerBegun) {
            client.channel.close();
        } else {
            hinder(why, null);
            if (left != null) left.close();
        }
    }

    @Override
    public boolean isEndless() {
        return longLived && answerBegun;
    }

    @Override
    public Optional<HeldLease.Key> carriedFor() {
        return Optional.of(held.key);
    }
}
