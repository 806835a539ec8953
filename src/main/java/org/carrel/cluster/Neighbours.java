package org.carrel.cluster;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.cluster.Engine.Seen;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.port.OtherNode;
import org.carrel.port.OtherNode.Hint;
import org.carrel.port.OtherNode.Phi;
import org.carrel.port.OtherNode.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Folds what the engine lists, what the detectors hear and what the others say into one picture of the
/// other nodes. One thread. State changes are logged here, once each.
final class Neighbours {
    private static final Logger log = LoggerFactory.getLogger(Neighbours.class);

    private record Read(SelfSaid words, Spokesman.Said said, Optional<Hint> hint) {}

    private final NodeId self;
    private final NodeName ownName;
    private final PhiRegistry registry;
    private final InstantSource time;
    private final Map<NodeId, Read> read = new HashMap<>();
    private Map<NodeName, OtherNode> last = Map.of();

    Neighbours(NodeId self, NodeName ownName, PhiRegistry registry, InstantSource time) {
        this.self = self;
        this.ownName = ownName;
        this.registry = registry;
        this.time = time;
    }

    /// @param members as the engine lists them, this node among them
    Map<NodeName, OtherNode> fold(List<Seen> members, Map<NodeId, Spokesman.Said> said) {
        Map<NodeName, OtherNode> all = new HashMap<>();
        Set<String> addresses = new HashSet<>();
        for (Seen member : members) {
            addresses.add(member.address());
            if (member.id().equals(self)) continue;
            OtherNode node = node(member, name(member, all), said);
            OtherNode twin = all.get(node.name());
            // of two runs of one node that which lives counts
            if (twin == null || !twin.state().takesSessions()) all.put(node.name(), node);
        }
        registry.keep(addresses);
        tell(all);
        last = Map.copyOf(all);
        return last;
    }

    /// Two machines of one name are told apart by what is added to it.
    private NodeName name(Seen member, Map<NodeName, OtherNode> all) {
        OtherNode other = all.get(member.name());
        boolean taken =
                member.name().equals(ownName) || other != null && !other.id().equals(member.id());
        if (!taken) return member.name();
        String name = member.name().value();
        return new NodeName(name.substring(0, Math.min(58, name.length())) + "-"
                + member.id().value().substring(0, 4));
    }

    private OtherNode node(Seen member, NodeName name, Map<NodeId, Spokesman.Said> said) {
        Optional<PhiRegistry.Row> row = registry.row(member.address());
        Optional<Hint> hint = hint(member.id(), name, said);
        return new OtherNode(
                member.id(),
                name,
                member.address(),
                state(member, row, hint),
                row.map(it -> new Phi(it.phi(), it.threshold(), it.silence())),
                hint);
    }

    /// Silent for this node and for the others: out of reach. Silent for one of them only: suspect.
    private static State state(Seen member, Optional<PhiRegistry.Row> row, Optional<Hint> hint) {
        boolean silentHere = row.isPresent() && !row.get().available();
        boolean silentThere = !member.reachable();
        if (silentThere && (silentHere || row.isEmpty())) return State.UNREACHABLE;
        if (silentThere || silentHere) return State.SUSPECT;
        if (member.leaving()) return State.LEAVING;
        if (member.joining()) return State.JOINING;
        return hint.filter(it -> it.facts().draining()).isPresent() ? State.DRAINING : State.UP;
    }

    private Optional<Hint> hint(NodeId id, NodeName name, Map<NodeId, Spokesman.Said> said) {
        Spokesman.Said newest = said.get(id);
        if (newest == null) return Optional.empty();
        Read before = read.get(id);
        if (before != null && before.said() == newest) return before.hint();
        SelfSaid words = before == null ? new SelfSaid() : before.words();
        Optional<Hint> hint = words.read(
                newest.entries(),
                name,
                time.instant().minus(Duration.ofNanos(Math.max(0, System.nanoTime() - newest.atNanos()))));
        if (hint.isEmpty() && (before == null || before.hint().isPresent()))
            log.warn("what a node says of itself makes no sense node={} id={}", name, id);
        read.put(id, new Read(words, newest, hint));
        return hint;
    }

    private void tell(Map<NodeName, OtherNode> now) {
        for (Map.Entry<NodeName, OtherNode> entry : now.entrySet()) {
            OtherNode node = entry.getValue();
            OtherNode before = last.get(entry.getKey());
            if (before == null)
                log.info(
                        "node seen node={} id={} address={} state={}",
                        node.name(),
                        node.id(),
                        node.address(),
                        node.state().word());
            else if (before.state() != node.state())
                log.info(
                        "node state node={} state={} before={} phi={} silence_ms={}",
                        node.name(),
                        node.state().word(),
                        before.state().word(),
                        node.phi()
                                .map(it -> String.format(java.util.Locale.ROOT, "%.1f", it.value()))
                                .orElse("-"),
                        node.phi().map(it -> it.silence().toMillis()).orElse(-1L));
        }
        for (NodeName name : last.keySet()) if (!now.containsKey(name)) log.info("node gone node={}", name);
    }
}
