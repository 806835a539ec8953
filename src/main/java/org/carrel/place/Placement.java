package org.carrel.place;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.place.Outcome;
import org.carrel.domain.place.PeerReply;
import org.carrel.domain.place.Placing;
import org.carrel.domain.place.PlacingEvent;
import org.carrel.domain.place.Roster;
import org.carrel.domain.place.Stage;
import org.carrel.domain.place.Wish;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One `Placing` under way: its mailbox, its alarm clock and its calls. Ends by itself: when nobody has asked for it
/// for
/// `Placing.TICKET_LIFE`, at the latest.
final class Placement {
    private static final Logger log = LoggerFactory.getLogger(Placement.class);
    /// How soon it notices that what is known of the members has changed.
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Wish wish;
    private final String once;
    private final String asker;
    private final Means means;
    private final BlockingQueue<PlacingEvent> mail = new LinkedBlockingQueue<>();
    /// a call that is on its way isn't sent again: the door's connection doesn't lose it
    private final Set<Placing.Send> underWay = ConcurrentHashMap.newKeySet();
    private final Gate.Pass pass;
    private final long began = System.nanoTime();
    /// what came while this waited at the gate
    private final List<PlacingEvent> heldBack = new ArrayList<>();
    private Stage stage = new Stage.Looking();
    private int attempts;
    private int silences;
    private volatile @Nullable Thread thread;

    /// What all placements of a gateway share.
    /// @param left told when one is over
    /// @param gate bounds how many ask around at once
    record Means(
            Rosters rosters, Placements.Carrying calls, Gate gate, Readiness ready, InstantSource time, Left left) {}

    /// Whether this node knows the other members as well as it is going to.
    interface Readiness {
        boolean isReady();
    }

    interface Left {
        void left(Placement placement);
    }

    Placement(Wish wish, String once, String asker, Means means) {
        this.wish = wish;
        this.once = once;
        this.asker = asker;
        this.means = means;
        this.pass = means.gate().pass(() -> mail.add(new PlacingEvent.Tick()));
    }

    void open() {
        thread = Thread.ofVirtual().name("placement-" + asker).start(this::live);
    }

    /// The program ends: whoever waits asks another one.
    void close() {
        Thread running = thread;
        if (running != null) running.interrupt();
    }

    Wish wish() {
        return wish;
    }

    void tell(PlacingEvent event) {
        mail.add(event);
    }

    /// Waits until something can be said to the user.
    /// @param patience  until it is over
    /// @param inLine    being told of a place in line is enough
    synchronized Stage settled(Duration patience, boolean inLine) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!(stage instanceof Stage.Over || inLine && stage instanceof Stage.InLine)) {
            long left = deadline - System.nanoTime();
            if (left <= 0) break;
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return stage;
    }

    private void live() {
        try {
            while (!means.ready().isReady()) if (isCalledOff(mail.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS))) return;
            while (!pass.ask()) if (isCalledOff(mail.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS))) return;
            Roster roster = means.rosters().current();
            Placing.Step step = Placing.begin(wish, once, asker, roster, now());
            while (true) {
                Placing placing = step.next();
                pace(placing);
                step.sends().forEach(this::send);
                show(placing.stage());
                if (placing.isDone()) return;
                if (placing.isResting() && !pass.isWaiting()) pass.giveBack();
                PlacingEvent event = mail.poll(patience(placing).toNanos(), TimeUnit.NANOSECONDS);
                Roster newer = means.rosters().current();
                boolean isNews = newer != roster;
                if (mayEndRest(placing, event, isNews) && !pass.ask()) {
                    if (event != null && !(event instanceof PlacingEvent.Tick)) heldBack.add(event);
                    step = new Placing.Step(placing, List.of());
                    continue;
                }
                if (!heldBack.isEmpty() && !pass.isWaiting()) {
                    // the user's sign of life before anything that asks for one
                    if (event != null) heldBack.add(event);
                    event = heldBack.removeFirst();
                    mail.addAll(heldBack);
                    heldBack.clear();
                } else if (isNews && !pass.isWaiting()) {
                    roster = newer;
                    if (event != null) mail.add(event); // the news first
                    event = new PlacingEvent.Members(newer);
                }
                step = placing.on(event == null ? new PlacingEvent.Tick() : event, now());
            }
        } catch (InterruptedException closing) {
            show(new Stage.Over(new Outcome.GivenUp("this gateway ends")));
            Thread.currentThread().interrupt();
        } catch (RuntimeException broken) {
            log.error("placement broke key={} ticket={}", wish.key(), once, broken);
            show(new Stage.Over(new Outcome.Nowhere("something broke while a machine was looked for; try again")));
        } finally {
            pass.giveBack();
            means.left().left(this);
        }
    }

    /// Tells the gate whether the others keep up.
    private void pace(Placing placing) {
        boolean isOver = placing.stage() instanceof Stage.Over && !(stage instanceof Stage.Over);
        if (placing.silences() > silences) means.gate().tooFast();
        else if (isOver || placing.attempts() > Math.max(1, attempts))
            means.gate().wellPaced();
        attempts = placing.attempts();
        silences = placing.silences();
    }

    private boolean isCalledOff(@Nullable PlacingEvent event) {
        if (!(event instanceof PlacingEvent.Cancel)) return false;
        show(new Stage.Over(new Outcome.GivenUp("its user has called it off")));
        return true;
    }

    /// Whether one that rests would ask around again: then it must pass the gate first.
    private boolean mayEndRest(Placing placing, @Nullable PlacingEvent event, boolean isNews) {
        if (!placing.isResting() || event instanceof PlacingEvent.Cancel) return false;
        return isNews || event instanceof PlacingEvent.Elsewhere || !now().isBefore(placing.wake());
    }

    /// Before the gate it is told when there is room.
    private Duration patience(Placing placing) {
        return pass.isWaiting() ? LOOK : untilWake(placing);
    }

    private Duration untilWake(Placing placing) {
        Duration wait = Duration.between(now(), placing.wake());
        if (wait.isNegative()) return Duration.ZERO;
        return wait.compareTo(LOOK) < 0 ? wait.plusMillis(1) : LOOK;
    }

    private synchronized void show(Stage next) {
        if (next.equals(stage)) return;
        stage = next;
        if (next instanceof Stage.Over(var outcome))
            log.info(
                    "placed user={} app={} name={} ticket={} outcome=\"{}\" attempts={} took_ms={}",
                    wish.key().owner(),
                    wish.key().app(),
                    wish.key().name(),
                    once,
                    word(outcome),
                    attempts,
                    (System.nanoTime() - began) / 1_000_000);
        notifyAll();
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Placed(var node, var session, var isNew) ->
                (isNew ? "begun " : "found ") + session.id() + " at " + node;
            case Outcome.Nowhere(var why) -> "nowhere: " + why;
            case Outcome.GivenUp(var why) -> "given up: " + why;
        };
    }

    private void send(Placing.Send send) {
        if (!underWay.add(send)) return;
        Thread.ofVirtual().name("place-call-" + send.to()).start(() -> {
            try {
                PeerReply reply = means.calls().call(send.to(), send.call());
                mail.add(new PlacingEvent.Heard(send.to(), send.call(), reply));
            } catch (IOException unanswered) {
                log.debug("no answer node={} key={} cause=\"{}\"", send.to(), wish.key(), unanswered.getMessage());
            } catch (RuntimeException senseless) {
                log.warn("an answer made no sense node={} key={}", send.to(), wish.key(), senseless);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            } finally {
                underWay.remove(send);
            }
        });
    }

    private Instant now() {
        return means.time().instant();
    }
}
