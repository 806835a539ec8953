package org.carrel.simulate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.place.Outcome;
import org.carrel.domain.place.PlacingEvent;
import org.carrel.domain.place.Stage;
import org.carrel.domain.session.End;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;

/// Those who click: they click twice, call off, go away, and try again when a gateway dies under them.
final class Users {
    private final World world;
    /// true time at which "elsewhere" was last said for a key
    final Map<SessionKey, Long> elsewhere = new LinkedHashMap<>();
    /// requests that were called off, and when
    final Map<String, Long> cancelled = new LinkedHashMap<>();
    final Set<String> left = new HashSet<>();
    /// requests that were given each session
    final Map<SessionId, Set<String>> given = new LinkedHashMap<>();

    /// Where and when a request got its session.
    record Placed(int machine, long at) {}

    private final Map<String, Long> inLine = new LinkedHashMap<>();
    private final Map<String, Placed> placed = new LinkedHashMap<>();

    Users(World world) {
        this.world = world;
    }

    /// When this request first had to wait.
    long inLineSince(String once) {
        return inLine.computeIfAbsent(once, key -> world.agenda.now());
    }

    Placed placed(String once) {
        Placed found = placed.get(once);
        if (found == null) throw new IllegalStateException("request " + once + " was never placed");
        return found;
    }

    void cancel(String once) {
        boolean any = false;
        for (SimulatedGateway gateway : world.gateways)
            for (Click click : clicksOf(gateway))
                if (click.begin.once().equals(once) && click.isOpen()) {
                    any = true;
                    gateway.life.receive(() -> click.on(new PlacingEvent.Cancel()));
                }
        if (any) {
            cancelled.put(once, world.agenda.now());
            world.invariants.cancelled(once);
        }
    }

    void elsewhere(String once) {
        for (SimulatedGateway gateway : world.gateways)
            for (Click click : clicksOf(gateway))
                if (click.begin.once().equals(once) && click.isOpen() && click.stage() instanceof Stage.HolderSilent) {
                    elsewhere.put(click.wish().key(), world.agenda.now());
                    gateway.life.receive(() -> click.on(new PlacingEvent.Elsewhere()));
                }
    }

    void leave(String once) {
        left.add(once);
        for (SimulatedGateway gateway : world.gateways)
            for (Click click : clicksOf(gateway)) if (click.begin.once().equals(once)) click.leave();
    }

    void over(Click click, Outcome outcome) {
        if (!(outcome instanceof Outcome.Placed(var node, var session, var isNew))) return;
        given.computeIfAbsent(session.id(), id -> new HashSet<>()).add(click.begin.once());
        world.invariants.placed(click, session);
        placed.putIfAbsent(click.begin.once(), new Placed(world.numberOf(node), world.agenda.now()));
        if (world.scenario.setup().lasting() || world.lot(session, 30, 4) > 0) return;
        // some end it themselves after a while
        SimulatedAgent agent = world.agents.get(world.numberOf(node));
        world.agenda.in(
                1_000_000 + world.lot(session, 31, 20_000_000),
                () -> agent.life.receive(
                        () -> agent.tell(new NodeEvent.Stop(session.id(), new End.Stopped("its user")))));
    }

    /// The gateway died under this click: the browser tries another one, with the same request.
    void lost(Click click) {
        Input.Begin begin = click.begin;
        if (!click.isOpen() || left.contains(begin.once()) || cancelled.containsKey(begin.once())) return;
        int other = (begin.gateway() + 1) % world.gateways.size();
        long wait = 200_000 + Lots.draw(world.scenario.seed(), begin.user(), begin.at(), 3, 2_000_000);
        world.agenda.in(wait, () -> {
            if (left.contains(begin.once()) || cancelled.containsKey(begin.once())) return;
            world.gateways
                    .get(other)
                    .begin(new Input.Begin(begin.at(), begin.user(), begin.app(), other, begin.once(), begin.chosen()));
        });
    }

    private static List<Click> clicksOf(SimulatedGateway gateway) {
        List<Click> clicks = new ArrayList<>();
        gateway.clicks().forEach(clicks::add);
        return clicks;
    }
}
