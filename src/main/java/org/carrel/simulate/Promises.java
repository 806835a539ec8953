package org.carrel.simulate;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.Turn;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;

/// The two promises on which it rests that no key is begun twice. They hold whatever the network does and whoever is
/// silent, so they are watched also where "one session of a key in the cluster" can't be asked for.
///
/// * A node that has answered a look of some turn begins nothing of an earlier turn of that key.
/// * Who has no answer to a reservation begins nothing elsewhere, unless the user says so.
final class Promises {
    private record Promise(SimulatedAgent by, long epoch, SessionKey key) {}

    private record Refusal(SimulatedAgent by, Turn turn) {}

    private final World world;
    private final Map<Promise, Turn> latest = new HashMap<>();
    private final Map<Turn, String> askers = new HashMap<>();
    private final Map<Turn, Long> sentAt = new HashMap<>();
    private final Map<SessionId, Turn> begunIn = new HashMap<>();
    private final Set<Refusal> refused = new HashSet<>();

    Promises(World world) {
        this.world = world;
    }

    void sent(Click click, PeerCall call) {
        if (!(call instanceof PeerCall.Reserve reserve)) return;
        askers.put(reserve.turn(), click.asker);
        sentAt.putIfAbsent(reserve.turn(), world.agenda.now());
    }

    /// Whether this click sends the reservations of this turn. The same request may be heard by two gateways.
    boolean isReservedBy(Click click, Turn turn) {
        return click.asker.equals(askers.get(turn));
    }

    /// How long ago the first reservation of this turn was sent: longer than the network needs, when its node stood
    /// still.
    long underWay(Turn turn) {
        return world.agenda.now() - sentAt.getOrDefault(turn, world.agenda.now());
    }

    void looked(SimulatedAgent agent, NodeEvent.Ask ask, NodeAnswer answer) {
        if (answer instanceof NodeAnswer.Report)
            latest.merge(
                    new Promise(agent, agent.host.epoch, ask.key()),
                    ask.turn(),
                    (one, other) -> one.compareTo(other) > 0 ? one : other);
    }

    void refused(SimulatedAgent agent, PeerCall.Reserve reserve) {
        refused.add(new Refusal(agent, reserve.turn()));
    }

    void begun(SimulatedAgent agent, PeerCall.Reserve reserve, Session session) {
        Turn turn = reserve.turn();
        Turn promised = latest.getOrDefault(new Promise(agent, agent.host.epoch, reserve.key()), turn);
        if (promised.compareTo(turn) > 0)
            Invariants.fail(
                    "P7",
                    reserve.key() + " is begun on " + agent.host.name + " in " + turn
                            + " after that node has answered in " + promised);
        begunIn.put(session.id(), turn);
        // a copy of a reservation that was refused can still come and find room; its asker takes it back
        boolean isCopy = refused.contains(new Refusal(agent, turn));
        if (isCopy || world.users.elsewhere.containsKey(reserve.key())) return;
        for (SimulatedAgent other : world.agents) if (other != agent) notUnanswered(agent, other, reserve);
    }

    private void notUnanswered(SimulatedAgent agent, SimulatedAgent other, PeerCall.Reserve reserve) {
        for (Session live : other.state().sessions()) {
            Turn turn = begunIn.get(live.id());
            if (turn == null
                    || !live.key().equals(reserve.key())
                    || !live.state().isLive()) continue;
            boolean isSameAsker = askers.containsKey(turn) && askers.get(turn).equals(askers.get(reserve.turn()));
            if (isSameAsker && !refused.contains(new Refusal(other, turn)))
                Invariants.fail(
                        "P7",
                        reserve.key() + " is begun on " + agent.host.name + " by the asker whose reservation on "
                                + other.host.name + " was granted " + live.id());
        }
    }
}
