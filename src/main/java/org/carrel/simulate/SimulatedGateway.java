package org.carrel.simulate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Member;
import org.carrel.domain.place.Placing;
import org.carrel.domain.place.PlacingEvent;
import org.carrel.domain.place.Roster;
import org.carrel.domain.session.SessionKey;
import org.carrel.simulate.SimulatedAgent.Facts;

/// The shell around the placements of one gateway: folds what nodes say of themselves into a roster, carries calls and
/// answers. It decides nothing.
final class SimulatedGateway {
    private static final long LOOK = 200_000;
    private static final Duration SUSPECT = Duration.ofSeconds(3);
    private static final Duration UNREACHABLE = Duration.ofSeconds(6);

    /// @param facts  empty for a member of which only the name is known
    /// @param first  when it was first seen as a member
    /// @param last   when it was last heard of
    private record Heard(Optional<Facts> facts, Instant first, Instant last) {}

    final int number;
    final Life life;
    private final World world;
    private final Host host;
    private final Map<Integer, Heard> heard = new LinkedHashMap<>();
    /// since when it has known, without a break, that a machine has a session of a key, by the true time
    private final Map<Integer, Map<SessionKey, Long>> told = new LinkedHashMap<>();
    private final Map<String, Click> clicks = new LinkedHashMap<>();
    private Roster roster = new Roster(List.of());
    private Instant clockAtStart;
    private long started;
    private long askers;
    private boolean isNews;

    SimulatedGateway(World world, int number, Host host) {
        this.world = world;
        this.number = number;
        this.host = host;
        this.life = new Life(world.agenda);
        this.clockAtStart = host.wall(0);
    }

    Instant now() {
        return host.steady(clockAtStart, started, world.agenda.now());
    }

    Roster roster() {
        return roster;
    }

    Iterable<Click> clicks() {
        return clicks.values();
    }

    void start() {
        if (life.isUp()) return;
        life.start();
        started = world.agenda.now();
        clockAtStart = host.wall(started);
        heard.clear();
        told.clear();
        world.note("gateway starts", host.name, number, "");
        // the membership knows who is a member before it knows anything of them
        for (Host member : world.hosts)
            if (member.present) heard.put(member.number, new Heard(Optional.empty(), now(), now().minus(SUSPECT)));
        for (SimulatedGateway other : world.gateways)
            if (other != this)
                world.network.send(host.number, other.host.number, () -> other.life.receive(() -> other.tellAll(this)));
        refresh();
        life.in(LOOK, this::look);
    }

    void kill() {
        if (!life.isUp()) return;
        life.kill();
        world.note("gateway dies", host.name, number, "");
        List<Click> lost = new ArrayList<>(clicks.values());
        clicks.clear();
        lost.forEach(world.users::lost);
    }

    void begin(Input.Begin begin) {
        life.receive(() -> {
            String asker = "g" + number + "." + started + "." + askers++;
            Click click = new Click(world, this, begin, asker, roster);
            clicks.put(asker, click);
            world.note("begin", host.name, begin.user(), begin.once());
            click.begin();
        });
    }

    /// How long it has known, without a break, that the machine has a session of this key.
    long toldFor(Host machine, SessionKey key) {
        Long since = told.getOrDefault(machine.number, Map.of()).get(key);
        return since == null ? 0 : world.agenda.now() - since;
    }

    void remove(Click click) {
        clicks.remove(click.asker);
    }

    void send(Click click, Placing.Send send) {
        int to = world.numberOf(send.to());
        SimulatedAgent agent = world.agents.get(to);
        world.note("call", host.name, to, send.call());
        world.invariants.promises.sent(click, send.call());
        world.network.send(
                host.number,
                to,
                () -> agent.receive(send.call(), reply -> {
                    world.note("reply", agent.host.name, number, reply);
                    world.network.send(
                            to,
                            host.number,
                            () -> life.receive(() -> {
                                if (clicks.get(click.asker) == click)
                                    click.on(new PlacingEvent.Heard(send.to(), send.call(), reply));
                            }));
                }));
    }

    void hear(Facts facts) {
        life.receive(() -> {
            Heard before = heard.get(facts.machine());
            if (before != null
                    && before.facts().isPresent()
                    && !facts.isNewerThan(before.facts().get())) return;
            Map<SessionKey, Long> keys = told.computeIfAbsent(facts.machine(), machine -> new LinkedHashMap<>());
            keys.keySet().retainAll(facts.keys());
            facts.keys().forEach(key -> keys.putIfAbsent(key, world.agenda.now()));
            Instant first = before == null ? now() : before.first();
            heard.put(facts.machine(), new Heard(Optional.of(facts), first, now()));
            isNews = true;
        });
    }

    /// What this one knows, for one that has just started.
    private void tellAll(SimulatedGateway other) {
        for (Heard known : heard.values())
            known.facts()
                    .ifPresent(
                            facts -> world.network.send(host.number, other.host.number, () -> other.hearFrom(facts)));
    }

    /// From somebody else: no sign that the node itself is there.
    private void hearFrom(Facts facts) {
        life.receive(() -> {
            Heard before = heard.get(facts.machine());
            if (before == null || before.facts().isPresent()) return;
            heard.put(facts.machine(), new Heard(Optional.of(facts), before.first(), before.last()));
            isNews = true;
        });
    }

    private void look() {
        for (Host member : world.hosts)
            if (member.present && !heard.containsKey(member.number)) {
                heard.put(member.number, new Heard(Optional.empty(), now(), now()));
                isNews = true;
            }
        if (isNews || isReachNews()) {
            refresh();
            for (Click click : List.copyOf(clicks.values())) click.on(new PlacingEvent.Members(roster));
        }
        isNews = false;
        life.in(LOOK, this::look);
    }

    private boolean isReachNews() {
        for (Member member : roster.members())
            if (Optional.ofNullable(heard.get(world.numberOf(member.name())))
                    .filter(known -> reach(known) != member.reach())
                    .isPresent()) return true;
        return false;
    }

    private Member.Reach reach(Heard known) {
        Duration silence = Duration.between(known.last(), now());
        if (silence.compareTo(UNREACHABLE) > 0) return Member.Reach.UNREACHABLE;
        return silence.compareTo(SUSPECT) >= 0 ? Member.Reach.SUSPECT : Member.Reach.UP;
    }

    private void refresh() {
        roster = new Roster(heard.entrySet().stream()
                .map(entry -> member(world.hosts.get(entry.getKey()), entry.getValue()))
                .toList());
    }

    private Member member(Host member, Heard known) {
        Member.Reach reach = reach(known);
        return known.facts()
                .map(facts -> new Member(
                        member.name,
                        reach,
                        known.first(),
                        facts.draining(),
                        facts.apps(),
                        Map.of(),
                        facts.load(),
                        Optional.of(facts.keys())))
                .orElseGet(() -> new Member(
                        member.name,
                        reach,
                        known.first(),
                        false,
                        Set.of(),
                        Map.of(),
                        new NodeLoad(new Capacity(Resources.NONE, 0, 1), Resources.NONE, 0, 0, 0),
                        Optional.empty()));
    }
}
