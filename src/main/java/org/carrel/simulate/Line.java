package org.carrel.simulate;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.carrel.domain.place.Home;
import org.carrel.domain.place.Stage;
import org.carrel.domain.place.Wish;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;

/// Watches those who wait: whether room stays unused for long (P16), and whether somebody is overtaken (P15).
final class Line {
    private static final long HEAD_START = 1_500_000;
    private static final long SERVED_WITHIN = 1_500_000;

    /// Somebody was served who came later.
    private record Overtaken(long at, String by) {}

    private final World world;
    private final Map<String, Long> roomSince = new LinkedHashMap<>();
    private final Map<Click, Overtaken> overtaken = new LinkedHashMap<>();
    private final Map<SessionKey, Long> begun = new LinkedHashMap<>();
    private final Map<Click, Long> waiting = new LinkedHashMap<>();

    Line(World world) {
        this.world = world;
    }

    void begun(SessionKey key) {
        begun.put(key, world.agenda.now());
    }

    void forget() {
        roomSince.clear();
        overtaken.clear();
        waiting.clear();
    }

    void watch(long limit) {
        Set<String> withRoom = new HashSet<>();
        Map<Click, Long> now = new LinkedHashMap<>();
        for (SimulatedGateway gateway : world.gateways)
            for (Click click : gateway.clicks()) {
                if (!(click.stage() instanceof Stage.InLine)) continue;
                now.put(click, click.inLineSince);
                for (SimulatedAgent agent : world.agents)
                    if (hasRoom(agent, click.wish())) withRoom.add(click.asker + " " + agent.host.name);
            }
        unused(withRoom, limit);
        overtaken(now);
        waiting.clear();
        waiting.putAll(now);
    }

    private void unused(Set<String> withRoom, long limit) {
        roomSince.keySet().retainAll(withRoom);
        for (String pair : withRoom) {
            long since = roomSince.computeIfAbsent(pair, key -> world.agenda.now());
            if (world.agenda.now() - since > limit)
                Invariants.fail("P16", pair + ": there has been room since " + since / 1e6 + " s and it waits");
        }
    }

    private boolean hasRoom(SimulatedAgent agent, Wish wish) {
        Host host = agent.host;
        if (!host.present
                || agent.state().draining()
                || !host.apps.contains(wish.key().app())) return false;
        if (wish.chosen().filter(node -> !node.equals(host.name)).isPresent()) return false;
        if (wish.home() instanceof Home.Local(var home)
                && home.filter(node -> !node.equals(host.name)).isPresent()) return false;
        long memory = wish.demand().memoryBytes();
        int live = 0;
        for (Session session : agent.state().sessions())
            if (session.state().isLive()) {
                live++;
                memory += session.demand().memoryBytes();
            }
        return live < host.spec.places() && memory <= host.spec.gib() * Host.GIB;
    }

    /// Who began to wait well before one who has just been served, for the same, must be served soon.
    private void overtaken(Map<Click, Long> now) {
        for (Map.Entry<Click, Long> served : waiting.entrySet()) {
            if (now.containsKey(served.getKey()) || !served.getKey().wasPlacedAnew()) continue;
            for (Map.Entry<Click, Long> other : now.entrySet())
                if (isSame(other.getKey().wish(), served.getKey().wish())
                        && unservedSince(other) + HEAD_START < firstWaited(served.getKey()))
                    overtaken.putIfAbsent(other.getKey(), new Overtaken(world.agenda.now(), served.getKey().asker));
        }
        for (Iterator<Map.Entry<Click, Overtaken>> all = overtaken.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Click, Overtaken> entry = all.next();
            if (!now.containsKey(entry.getKey())) all.remove();
            else if (world.agenda.now() - entry.getValue().at() > SERVED_WITHIN)
                Invariants.fail(
                        "P15",
                        entry.getKey().asker + " waits since " + entry.getKey().inLineSince / 1e6
                                + " s and was overtaken by " + entry.getValue().by() + " at "
                                + entry.getValue().at() / 1e6 + " s");
        }
    }

    /// A session that was begun for the key has served all its requests, even if it ended at once.
    private long unservedSince(Map.Entry<Click, Long> waits) {
        return Math.max(
                waits.getValue(), begun.getOrDefault(waits.getKey().wish().key(), 0L));
    }

    /// A request that was taken up again at another gateway keeps its place.
    private long firstWaited(Click click) {
        return world.users.inLineSince(click.begin.once());
    }

    private static boolean isSame(Wish one, Wish other) {
        return one.key().app().equals(other.key().app())
                && one.home().equals(other.home())
                && one.chosen().isEmpty()
                && other.chosen().isEmpty();
    }
}
