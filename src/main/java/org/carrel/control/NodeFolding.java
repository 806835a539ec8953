package org.carrel.control;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.carrel.api.NodeInfo;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.jspecify.annotations.Nullable;

/// Folds what is known of nodes into what the REST interface shows.
public final class NodeFolding {
    private final Own own;

    /// What this node doesn't say through its agent.
    /// @param roles of this node's certificate
    /// @param apps  that can be started here now
    public record Own(Supplier<Set<String>> roles, Map<String, String> labels, Supplier<Set<AppId>> apps) {}

    public NodeFolding(Own own) {
        this.own = own;
    }

    NodeInfo fold(NodeFacts facts) {
        return fold(facts, facts.draining());
    }

    /// @param draining as was just decided; the facts follow
    NodeInfo fold(NodeFacts facts, boolean draining) {
        return info(
                facts,
                draining ? "draining" : "up",
                own.roles().get(),
                own.labels(),
                own.apps().get(),
                null);
    }

    /// As it last said; with nothing but its name while it has said nothing yet.
    NodeInfo fold(OtherNode node) {
        Optional<OtherNode.Hint> hint = node.hint();
        return info(
                hint.map(OtherNode.Hint::facts).orElseGet(() -> nothing(node.name())),
                node.state().word(),
                hint.map(OtherNode.Hint::roles).orElse(Set.of()),
                hint.map(OtherNode.Hint::labels).orElse(Map.of()),
                hint.map(OtherNode.Hint::apps).orElse(Set.of()),
                node);
    }

    /// One that nothing is known of but its name.
    NodeInfo unknown(String name) {
        return info(nothing(new NodeName(name)), "unreachable", Set.of(), Map.of(), Set.of(), null);
    }

    private static NodeInfo info(
            NodeFacts facts,
            String state,
            Set<String> roles,
            Map<String, String> labels,
            Set<AppId> apps,
            @Nullable OtherNode other) {
        Optional<OtherNode> seen = Optional.ofNullable(other);
        Optional<OtherNode.Phi> phi = seen.flatMap(OtherNode::phi);
        return new NodeInfo(
                facts.name().value(),
                facts.version(),
                state,
                facts.since(),
                facts.sessions(),
                facts.capacity().sessions(),
                facts.starting(),
                facts.queued(),
                facts.committed().memoryBytes(),
                facts.capacity().total().memoryBytes(),
                facts.committed().cpuMillis(),
                facts.capacity().total().cpuMillis(),
                facts.cpuPercent(),
                facts.memoryUsedBytes(),
                facts.memoryTotalBytes(),
                facts.load1(),
                facts.isolation(),
                roles.stream().sorted().toList(),
                labels,
                apps.stream().map(AppId::value).sorted().toList(),
                facts.metadata().entries(),
                orNull(seen.map(OtherNode::address)),
                orNull(phi.map(it -> Math.round(it.value() * 100) / 100.0)),
                orNull(phi.map(OtherNode.Phi::threshold)),
                orNull(phi.map(it -> it.silence().toMillis())),
                orNull(seen.flatMap(OtherNode::hint).map(OtherNode.Hint::heard)));
    }

    private static NodeFacts nothing(NodeName name) {
        return new NodeFacts(
                name,
                "",
                Instant.EPOCH,
                new Capacity(Resources.NONE, 0, 1),
                Resources.NONE,
                0,
                0,
                0,
                false,
                0,
                0,
                0,
                0,
                "");
    }

    private static <T> @Nullable T orNull(Optional<T> value) {
        return value.orElse(null);
    }
}
