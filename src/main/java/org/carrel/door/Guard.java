package org.carrel.door;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.carrel.domain.node.NodeId;
import org.carrel.door.DoorCounts.Turned;
import org.carrel.trust.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands behind a door and lets nobody ask for what the roles of its certificate don't allow (`Verb`). Each refusal is
/// counted; of one peer only the first is logged. Any thread.
final class Guard {
    private static final Logger log = LoggerFactory.getLogger(Guard.class);
    /// peers whose refusal is remembered; of more nothing is logged
    private static final int LOGGED_MOST = 1_000;

    private final DoorCounts counts;
    private final Set<NodeId> logged = ConcurrentHashMap.newKeySet();

    Guard(DoorCounts counts) {
        this.counts = counts;
    }

    /// @return why not, in a sentence for the peer; empty when it may
    Optional<String> objection(Peer peer, Verb verb) {
        if (peer.hasAny(verb.asks())) return Optional.empty();
        counts.turnedAway(Turned.ROLE);
        String why = verb.path() + " is asked by nodes with the role " + Verb.words(verb.asks())
                + "; the certificate of this one says " + Verb.words(peer.roles());
        if (logged.size() < LOGGED_MOST && logged.add(peer.node()))
            log.warn("a node asked for more than its roles allow peer={} why=\"{}\"", peer.node(), why);
        return Optional.of(why);
    }
}
