package org.carrel.simulate;

import java.time.Duration;
import java.time.Instant;
import org.carrel.domain.place.Outcome;
import org.carrel.domain.place.Placing;
import org.carrel.domain.place.PlacingEvent;
import org.carrel.domain.place.Roster;
import org.carrel.domain.place.Stage;
import org.carrel.domain.place.Strategy;
import org.carrel.domain.place.Wish;

/// One request at one gateway: a placement and its alarm clock.
final class Click {
    final Input.Begin begin;
    final String asker;
    final SimulatedGateway gateway;
    final long at;
    /// since when it waits for room, by the true time; -1 when it never did
    long inLineSince = -1;
    private final World world;
    private final Wish wish;
    private final Placing.Step first;
    private Placing placing;
    private long alarms;
    private boolean left;
    private boolean told;

    Click(World world, SimulatedGateway gateway, Input.Begin begin, String asker, Roster roster) {
        this.world = world;
        this.gateway = gateway;
        this.begin = begin;
        this.asker = asker;
        this.at = world.agenda.now();
        Wish anywhere = Wish.of(
                Apps.key(begin.user(), begin.app()), Apps.of(begin.app()).demand());
        Wish here = begin.chosen() < 0 ? anywhere : anywhere.on(world.hosts.get(begin.chosen()).name);
        this.wish = here.with(world.homeOf(here.key())).with(Strategy.SPREAD);
        this.first = Placing.begin(wish, begin.once(), asker, roster, gateway.now());
        this.placing = first.next();
    }

    Wish wish() {
        return wish;
    }

    Stage stage() {
        return placing.stage();
    }

    /// Whether it may still begin something.
    boolean isOpen() {
        return !(placing.stage() instanceof Stage.Over);
    }

    /// Whether this very request has begun its session.
    boolean wasPlacedAnew() {
        return placing.stage() instanceof Stage.Over(var outcome)
                && outcome instanceof Outcome.Placed placed
                && placed.isNew();
    }

    void begin() {
        follow(first);
        renew();
    }

    void on(PlacingEvent event) {
        follow(placing.on(event, gateway.now()));
    }

    /// Nobody looks at the page any more.
    void leave() {
        left = true;
    }

    private void renew() {
        if (left || !isOpen()) return;
        on(new PlacingEvent.Renew());
        gateway.life.in(20_000_000, this::renew);
    }

    private void follow(Placing.Step step) {
        placing = step.next();
        for (Placing.Send send : step.sends()) gateway.send(this, send);
        if (inLineSince < 0 && placing.stage() instanceof Stage.InLine) {
            inLineSince = world.agenda.now();
            world.users.inLineSince(begin.once());
        }
        if (!isOpen() && !told) {
            told = true;
            Outcome outcome = ((Stage.Over) placing.stage()).outcome();
            world.note("over", wish.key(), gateway.number, outcome);
            world.users.over(this, outcome);
        }
        if (placing.isDone()) gateway.remove(this);
        else setAlarm();
    }

    private void setAlarm() {
        long alarm = ++alarms;
        Instant wake = placing.wake();
        long wait = Duration.between(gateway.now(), wake).toNanos() / 1000;
        gateway.life.in(Math.max(1_000, wait + 1), () -> {
            if (alarm == alarms) on(new PlacingEvent.Tick());
        });
    }
}
