package org.carrel.main;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.node.NodeId;
import org.carrel.port.OtherNode;
import org.carrel.port.ShutOuts;
import org.carrel.port.Views;
import org.carrel.trust.ShutOutList;
import org.carrel.trust.ShutOutList.Word;
import org.carrel.trust.Trust;

/// Shuts machines out of the cluster, where its private key is.
final class ClusterShutOuts implements ShutOuts {
    private static final Answer NO_KEY =
            new Answer.Impossible("this node joined by a token itself; ask one that has the cluster's key");

    private final Trust trust;
    private final ShutOutList list;
    private final Views members;

    /// @param members where names are looked up
    ClusterShutOuts(Trust trust, Views members) {
        this.trust = trust;
        this.list = trust.shutOut();
        this.members = members;
    }

    @Override
    public List<One> present() {
        return list.words().stream()
                .filter(Word::out)
                .sorted(Comparator.comparingLong(Word::at).reversed())
                .map(ClusterShutOuts::one)
                .toList();
    }

    @Override
    public Answer shutOut(String node) throws IOException {
        Optional<OtherNode> member = members.current().others().values().stream()
                .filter(other ->
                        other.name().value().equals(node) || other.id().value().equals(node))
                .findFirst();
        Optional<NodeId> id = member.map(OtherNode::id).or(() -> id(node));
        if (id.isEmpty()) return new Answer.Unknown();
        if (id.get().equals(trust.node())) return new Answer.Impossible("that is this node itself");
        if (!list.canSay()) return NO_KEY;
        String name = member.map(other -> other.name().value()).orElse(node);
        return say(id.get(), name, true);
    }

    @Override
    public Answer letIn(String node) throws IOException {
        List<One> meant = present().stream()
                .filter(one -> one.node().value().equals(node) || one.name().equals(node))
                .toList();
        if (meant.isEmpty()) return new Answer.Unknown();
        if (meant.size() > 1)
            return new Answer.Impossible("several machines of that name are shut out; say which by its id");
        if (!list.canSay()) return NO_KEY;
        return say(meant.getFirst().node(), meant.getFirst().name(), false);
    }

    private Answer say(NodeId id, String name, boolean out) throws IOException {
        try {
            return new Answer.Done(one(list.say(id, name, out)));
        } catch (IllegalStateException full) {
            return new Answer.Impossible(String.valueOf(full.getMessage()));
        }
    }

    private static Optional<NodeId> id(String text) {
        try {
            return Optional.of(new NodeId(text));
        } catch (IllegalArgumentException name) {
            return Optional.empty();
        }
    }

    private static One one(Word word) {
        return new One(word.node(), word.name(), word.since());
    }
}
