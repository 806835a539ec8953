package org.carrel.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.node.NodeId;
import org.carrel.port.ShutOuts;
import org.carrel.support.FakeAgent;

/// Machines that are shut out, without a cluster.
public final class FakeShutOuts implements ShutOuts {
    volatile boolean hasKey = true;
    private final List<One> out = new ArrayList<>();

    @Override
    public synchronized List<One> present() {
        return List.copyOf(out);
    }

    @Override
    public synchronized Answer shutOut(String node) {
        if (!hasKey) return new Answer.Impossible("ask one that has the cluster's key");
        if (!node.matches("[0-9a-f]{16}")) return new Answer.Unknown();
        One one = new One(new NodeId(node), node.endsWith("7") ? "n7" : node, FakeAgent.NOW);
        out.add(one);
        return new Answer.Done(one);
    }

    @Override
    public synchronized Answer letIn(String node) {
        Optional<One> one = out.stream()
                .filter(it -> it.name().equals(node) || it.node().value().equals(node))
                .findFirst();
        one.ifPresent(out::remove);
        return one.<Answer>map(Answer.Done::new).orElseGet(Answer.Unknown::new);
    }
}
