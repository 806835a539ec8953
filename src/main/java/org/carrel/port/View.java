package org.carrel.port;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;

/// An immutable snapshot of what this node knows. Replaced as a whole, never changed.
/// @param version rises with every change of nodes or sessions, not with samples
/// @param sessions live ones, and those that ended lately
/// @param samples what was last observed of each; a new sample makes a new view of the same version
public record View(
        long version, Map<SessionId, Session> sessions, Map<SessionId, Sample> samples, List<NodeFacts> nodes) {
    public static final View EMPTY = new View(0, Map.of(), Map.of(), List.of());

    public Optional<Session> session(SessionId id) {
        return Optional.ofNullable(sessions.get(id));
    }

    public Optional<Sample> sample(SessionId id) {
        return Optional.ofNullable(samples.get(id));
    }
}
