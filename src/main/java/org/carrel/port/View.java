package org.carrel.port;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;

/// An immutable snapshot of what this node knows. Replaced as a whole, never changed.
/// @param version rises with every change of nodes or sessions, not with samples
/// @param sessions live ones, and those that ended lately
/// @param samples what was last observed of each; a new sample makes a new view of the same version
/// @param nodes this one, as its own agent says
/// @param others the other nodes of the cluster; all that is said of them is a hint
public record View(
        long version,
        Map<SessionId, Session> sessions,
        Map<SessionId, Sample> samples,
        List<NodeFacts> nodes,
        Map<NodeName, OtherNode> others) {
    public static final View EMPTY = new View(0, Map.of(), Map.of(), List.of());

    /// Of a node that is alone.
    public View(long version, Map<SessionId, Session> sessions, Map<SessionId, Sample> samples, List<NodeFacts> nodes) {
        this(version, sessions, samples, nodes, Map.of());
    }

    public Optional<Session> session(SessionId id) {
        return Optional.ofNullable(sessions.get(id));
    }

    public Optional<Sample> sample(SessionId id) {
        return Optional.ofNullable(samples.get(id));
    }
}
