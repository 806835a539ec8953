package org.carrel.simulate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Home;
import org.carrel.domain.place.Member;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.Stage;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState.Reserved;

/// What must hold in a cluster, looked at from outside, with the true time and everybody's true state. It counts for
/// itself: nothing of what decides is asked.
///
/// | rule | |
/// |---|---|
/// | P1 | what lives on a node fits into it |
/// | P2 | a key has one live session on a node |
/// | P3 | a request is granted one session, however often it is heard |
/// | P4 | no reservation outlives its time |
/// | P5 | what runs when an agent starts again is known to it |
/// | P7 | a key has one live session in the cluster, unless members were out of reach lately or its user said so |
/// | P7 | a gateway that was told of a session begins no other of its key, unless its user said so |
/// | P7 | the promises of those who ask and of those who are asked (`Promises`), always |
/// | P8 | a user gets sessions of the user's own |
/// | P15 | who waits longer is served first |
/// | P16 | nobody waits for more than a second while there is room |
/// | P18 | what was called off leaves nothing |
/// | home | a session with files is begun where the files of its user are, and nowhere else |
/// | rest | in a long calm every request comes to its end or stands in line for room |
///
/// P11, the same decisions on the same inputs, is looked at by running a scenario twice (`Simulator`).
final class Invariants {
    private static final long SECOND = 1_000_000;
    private static final long STABLE = 5 * SECOND;
    private static final long TICK = 1 * SECOND;
    private static final long NEWS = 2 * SECOND;
    /// longer than from the last look at who holds a key to the last reservation that rests on it
    private static final long TOLD = 4 * SECOND;
    private static final long ROOM = 1_250_000;

    final Promises promises;
    private final World world;
    private final Set<SessionId> seen = new HashSet<>();
    private final Map<SessionId, String> begunBy = new HashMap<>();
    private final Map<String, SessionId> granted = new HashMap<>();
    private final Map<SessionId, Instant> reservedSince = new HashMap<>();
    private final Line line;
    private long disturbed;
    private long changed;

    Invariants(World world) {
        this.world = world;
        this.line = new Line(world);
        this.promises = new Promises(world);
    }

    /// How long everybody has been well and known to everybody.
    long calmFor() {
        return world.agenda.now() - disturbed;
    }

    /// What a machine takes has changed, and gateways hear of it one after the other.
    void changed() {
        changed = world.agenda.now();
    }

    // ---- at the steps of an agent

    void after(SimulatedAgent agent) {
        Resources committed = Resources.NONE;
        Set<SessionKey> keys = new HashSet<>();
        int live = 0;
        for (Session session : agent.state().sessions()) {
            if (!session.state().isLive()) continue;
            live++;
            committed = committed.plus(session.demand());
            if (!keys.add(session.key())) fail("P2", "two live sessions of " + session.key() + " on " + session.node());
            if (session.state() instanceof Reserved) watchReservation(agent, session);
            if (seen.add(session.id())) begun(agent, session);
        }
        Scenario.Machine spec = agent.host.spec;
        if (live > spec.places() || committed.memoryBytes() > spec.gib() * Host.GIB)
            fail("P1", agent.host.name + " has " + live + " sessions with " + committed + ", and is " + spec);
    }

    private void watchReservation(SimulatedAgent agent, Session session) {
        Instant since = reservedSince.computeIfAbsent(session.id(), id -> agent.now());
        Duration limit = agent.host.rules().reservationLife().plusNanos(TICK * 1000);
        if (agent.now().isAfter(since.plus(limit)))
            fail("P4", session.id() + " has been reserved since " + since + " and it is " + agent.now());
    }

    private void begun(SimulatedAgent agent, Session session) {
        line.begun(session.key());
        if (world.homeOf(session.key()) instanceof Home.Local(var home)
                && home.filter(node -> !node.equals(agent.host.name)).isPresent())
            fail("home", session.key() + " is begun on " + agent.host.name + ", and its files are on " + home.get());
        world.note("begun", agent.host.name, world.agenda.now(), session);
        if (calmFor() < STABLE
                || world.agenda.now() - world.users.elsewhere.getOrDefault(session.key(), -STABLE * 100) < STABLE * 12)
            return;
        for (SimulatedAgent other : world.agents)
            if (other != agent)
                for (Session live : other.state().sessions())
                    if (live.key().equals(session.key()) && live.state().isLive())
                        fail(
                                "P7",
                                session.key() + " is begun on " + agent.host.name + " as " + session.id()
                                        + " and lives on " + other.host.name + " as " + live.id());
    }

    void reserved(SimulatedAgent agent, PeerCall.Reserve reserve, NodeAnswer answer) {
        if (!(answer instanceof NodeAnswer.Granted(var session))) {
            if (!(answer instanceof NodeAnswer.Existing)) promises.refused(agent, reserve);
            return;
        }
        if (begunBy.putIfAbsent(session.id(), reserve.once()) == null) {
            notBesideAKnownOne(agent, reserve);
            promises.begun(agent, reserve, session);
        }
        String request = agent.host.name + " " + agent.host.epoch + " " + reserve.key() + " " + reserve.once();
        SessionId before = granted.putIfAbsent(request, session.id());
        if (before != null && !before.equals(session.id()))
            fail("P3", request + " was granted " + before + " and then " + session.id());
    }

    /// A gateway that has been told of a session sends no reservation to begin another one, however silent its node.
    private void notBesideAKnownOne(SimulatedAgent agent, PeerCall.Reserve reserve) {
        if (world.users.elsewhere.containsKey(reserve.key())) return;
        for (SimulatedGateway gateway : world.gateways)
            for (Click click : gateway.clicks())
                if (promises.isReservedBy(click, reserve.turn()))
                    for (Host other : world.hosts)
                        if (other != agent.host
                                && runs(other, reserve.key())
                                && gateway.toldFor(other, reserve.key()) - promises.underWay(reserve.turn()) > TOLD)
                            fail(
                                    "P7",
                                    reserve.key() + " is begun on " + agent.host.name + " by gateway " + gateway.number
                                            + ", which knows of the one on " + other.name);
    }

    private static boolean runs(Host host, SessionKey key) {
        return host.programs.values().stream()
                .anyMatch(program -> program.session().key().equals(key));
    }

    void adopted(SimulatedAgent agent) {
        Set<SessionId> live = new HashSet<>();
        for (Session session : agent.state().sessions()) if (session.state().isLive()) live.add(session.id());
        for (Host.Program program : agent.host.programs.values()) {
            SessionId id = program.session().id();
            // whose end was being written when the agent died isn't live any more
            boolean isDone = agent.host.journal.containsKey(id)
                    && agent.host.journal.get(id).endedAt().isPresent();
            if (!live.contains(id) && !isDone) fail("P5", id + " runs on " + agent.host.name + " and is not adopted");
        }
        for (Session session : agent.state().sessions()) seen.add(session.id());
    }

    // ---- at the steps of users

    void placed(Click click, Session session) {
        if (!session.key().equals(click.wish().key()))
            fail("P8", click.wish().key() + " was given " + session.id() + " of " + session.key());
    }

    void cancelled(String once) {
        long at = world.agenda.now();
        world.agenda.in(25 * SECOND, () -> {
            if (calmFor() > world.agenda.now() - at + STABLE) nothingLeft(once);
        });
    }

    private void nothingLeft(String once) {
        for (SimulatedAgent agent : world.agents)
            for (Session session : agent.state().sessions())
                if (session.state().isLive() && once.equals(begunBy.get(session.id())) && isNobodys(session.id(), once))
                    fail(
                            "P18",
                            "request " + once + " was called off and " + session.id() + " is still "
                                    + session.state().word() + " on " + agent.host.name);
    }

    private boolean isNobodys(SessionId id, String once) {
        return world.users.given.getOrDefault(id, Set.of()).stream().allMatch(once::equals);
    }

    // ---- all the time

    void watch() {
        if (isDisturbed()) disturbed = world.agenda.now();
        boolean isOldNews = world.agenda.now() - changed > NEWS;
        if (world.scenario.weather().isFair() && calmFor() > STABLE && isOldNews) line.watch(ROOM);
        else line.forget();
    }

    private boolean isDisturbed() {
        if (!world.network.isWhole()) return true;
        for (SimulatedAgent agent : world.agents) if (agent.host.present && !agent.life.runs()) return true;
        for (SimulatedGateway gateway : world.gateways) if (!gateway.life.runs() || !knowsAll(gateway)) return true;
        return false;
    }

    private boolean knowsAll(SimulatedGateway gateway) {
        List<Member> members = gateway.roster().members();
        for (Member member : members) if (!member.isUp() || member.keys().isEmpty()) return false;
        return members.size()
                == world.hosts.stream().filter(host -> host.present).count();
    }

    /// At the end of a long calm everything has come to rest.
    void settled() {
        for (SimulatedGateway gateway : world.gateways)
            for (Click click : gateway.clicks())
                if (click.isOpen() && !(click.stage() instanceof Stage.InLine))
                    fail(
                            "rest",
                            click.wish().key() + " is still at " + click.stage() + " at gateway " + gateway.number);
        List<String> pending = new ArrayList<>();
        for (SimulatedAgent agent : world.agents)
            for (Session session : agent.state().sessions())
                if (session.state() instanceof Reserved)
                    pending.add(session.id().value());
        if (pending.size() > 20) fail("rest", "reserved at the end: " + pending);
    }

    static void fail(String rule, String what) {
        throw new Violation(rule, what);
    }
}
