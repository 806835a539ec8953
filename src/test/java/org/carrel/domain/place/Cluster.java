package org.carrel.domain.place;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.App;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.NodeRules;
import org.carrel.domain.node.NodeState;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Placing.Send;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;

/// A few real nodes and placements on one clock, where calls arrive at once unless a test holds them back.
final class Cluster {
    /// One placement and what it was told to send and has not yet.
    final class Click {
        Placing placing;
        final Deque<Send> out = new ArrayDeque<>();

        Stage stage() {
            return placing.stage();
        }

        Outcome.Placed placed() {
            return (Outcome.Placed) ((Stage.Over) stage()).outcome();
        }

        void on(PlacingEvent event) {
            Placing.Step step = placing.on(event, now);
            placing = step.next();
            out.addAll(step.sends());
        }

        /// Carries the next call there and its answer back.
        void carryOne() {
            Send send = out.remove();
            calls.add(send);
            if (silent.contains(send.to())) return;
            PeerReply reply = reply(send);
            if (!deaf.contains(send.to())) on(new PlacingEvent.Heard(send.to(), send.call(), reply));
        }

        void carryAll() {
            while (!out.isEmpty()) carryOne();
        }

        /// Until it stands still; time passes only as far as the placement itself waits.
        Click run() {
            for (int i = 0; i < 40 && !placing.isDone(); i++) {
                carryAll();
                if (placing.isDone() || isResting()) return this;
                now = placing.wake().isAfter(now) ? placing.wake() : now;
                on(new PlacingEvent.Tick());
            }
            return this;
        }

        Click runFor(Duration time) {
            Instant until = now.plus(time);
            while (now.isBefore(until)) {
                carryAll();
                now = now.plusMillis(50);
                on(new PlacingEvent.Tick());
            }
            carryAll();
            return this;
        }

        /// Each call arrives at once and its answer takes so long; one that is under way isn't sent again.
        Click runSlowly(Duration answers, Duration time) {
            Map<Send, Instant> underWay = new LinkedHashMap<>();
            Instant until = now.plus(time);
            while (now.isBefore(until) && !placing.isDone()) {
                while (!out.isEmpty()) underWay.putIfAbsent(out.remove(), now.plus(answers));
                for (Send send : List.copyOf(underWay.keySet()))
                    if (!now.isBefore(underWay.get(send))) {
                        underWay.remove(send);
                        out.addFirst(send);
                        carryOne();
                    }
                now = now.plusMillis(50);
                on(new PlacingEvent.Tick());
            }
            return this;
        }

        private boolean isResting() {
            return stage() instanceof Stage.InLine && placing.wake().isAfter(now)
                    || stage() instanceof Stage.HolderSilent
                    || stage() instanceof Stage.HomeAway;
        }
    }

    final Map<NodeName, NodeState> nodes = new LinkedHashMap<>();
    final Map<NodeName, Registrar> registrars = new LinkedHashMap<>();
    /// their calls get lost
    final Set<NodeName> silent = new HashSet<>();
    /// they hear and their answers get lost
    final Set<NodeName> deaf = new HashSet<>();
    final List<Send> calls = new ArrayList<>();
    Roster roster = new Roster(List.of());
    Instant now = Machines.NOW;
    private int ids;

    Cluster(int... gib) {
        List<Member> members = new ArrayList<>();
        for (int size : gib) {
            NodeName name = new NodeName("n" + (nodes.size() + 1));
            nodes.put(name, NodeState.empty(rules(name, size), 1));
            registrars.put(name, Registrar.of(name, 1));
            members.add(Machines.member(name.value(), size));
        }
        roster = new Roster(members);
    }

    static NodeRules rules(NodeName name, int gib) {
        return new NodeRules(
                name,
                new Capacity(new Resources(64_000, gib * Machines.GIB), 1000, 2),
                Duration.ofHours(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofMinutes(10),
                50,
                Duration.ofSeconds(30));
    }

    Click click(String user, String once) {
        return click(Wish.of(Machines.key(user), Machines.DEMAND), once);
    }

    Click click(Wish wish, String once) {
        Click click = new Click();
        Placing.Step step = Placing.begin(wish, once, once + "@" + ids++, roster, now);
        click.placing = step.next();
        click.out.addAll(step.sends());
        return click;
    }

    Optional<Session> begin(NodeName node, String user) {
        NodeAnswer answer = on(node, new NodeEvent.Begin(Machines.key(user), app(), freshId(), "before-" + ids));
        return answer instanceof NodeAnswer.Granted(var session) ? Optional.of(session) : Optional.empty();
    }

    void fill(String... names) {
        for (String name : names) {
            int i = 0;
            while (begin(new NodeName(name), name + "-" + i).isPresent()) i++;
        }
    }

    void end(String node) {
        NodeState state = nodes.get(new NodeName(node));
        Session session = state.sessions().stream()
                .filter(live -> live.state().word().equals("reserved"))
                .findFirst()
                .orElseThrow();
        on(new NodeName(node), new NodeEvent.Stop(session.id(), new End.Stopped("test")));
    }

    NodeAnswer on(NodeName node, NodeEvent event) {
        NodeState.Step step = nodes.get(node).on(event, now);
        nodes.put(node, step.next());
        return step.answer();
    }

    /// Its state is lost, as at a restart.
    void restart(String name) {
        NodeName node = new NodeName(name);
        long epoch = nodes.get(node).epoch() + 1;
        nodes.put(node, NodeState.empty(rules(node, 8), epoch));
        registrars.put(node, Registrar.of(node, epoch));
    }

    int live(SessionKey key) {
        return (int) nodes.values().stream()
                .flatMap(state -> state.sessions().stream())
                .filter(session -> session.key().equals(key) && session.state().isLive())
                .count();
    }

    NodeName registrarOf(String user) {
        return roster.registrar(Machines.key(user), now).orElseThrow();
    }

    void replace(Member member) {
        List<Member> members = new ArrayList<>(roster.members());
        members.removeIf(other -> other.name().equals(member.name()));
        members.add(member);
        roster = new Roster(members);
    }

    PeerReply reply(Send send) {
        return switch (send.call()) {
            case PeerCall.ForRegistrar(var call) -> {
                Registrar.Step step = registrars.get(send.to()).on(call, now);
                registrars.put(send.to(), step.next());
                yield new PeerReply.OfRegistrar(step.answer());
            }
            case PeerCall.Look(var ask) -> new PeerReply.OfAgent(on(send.to(), ask));
            case PeerCall.Reserve reserve -> new PeerReply.OfAgent(on(send.to(), reserve.event(app(), freshId())));
            case PeerCall.Withdraw(var withdraw) -> new PeerReply.OfAgent(on(send.to(), withdraw));
        };
    }

    private SessionId freshId() {
        byte[] bytes = new byte[10];
        bytes[9] = (byte) ids;
        bytes[8] = (byte) (ids++ >> 8);
        return SessionId.of(bytes);
    }

    static App app() {
        return new App(
                Machines.DESK,
                new KindId("shiny"),
                "Desk",
                "",
                Optional.empty(),
                List.of(),
                Map.of(),
                Machines.DEMAND,
                Audience.EVERYBODY,
                IdleRule.DEFAULT,
                Duration.ofHours(1));
    }
}
