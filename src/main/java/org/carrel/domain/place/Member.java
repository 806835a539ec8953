package org.carrel.domain.place;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.SessionKey;

/// One node as the asking side last heard of it. All of it is old news, and the node itself decides.
/// @param reach     what this side thinks of the way to it
/// @param since     when this side first saw it as a member, by this side's steady clock
/// @param apps      it can run
/// @param labels    for the constraints of apps
/// @param load      a hint
/// @param keys      of its live sessions: a hint, but one that makes it a possible holder when it is silent
public record Member(
        NodeName name,
        Reach reach,
        Instant since,
        boolean draining,
        Set<AppId> apps,
        Map<String, String> labels,
        NodeLoad load,
        Optional<Set<SessionKey>> keys) {
    /// May be wrong in either direction.
    public enum Reach {
        UP,
        /// silent for longer than is usual
        SUSPECT,
        /// given up until it is heard of again
        UNREACHABLE
    }

    public Member {
        apps = Set.copyOf(apps);
        labels = Map.copyOf(labels);
        keys = keys.map(Set::copyOf);
    }

    /// Whether there is reason to think that it has a live session of this key.
    public boolean mayHold(SessionKey key) {
        return keys.isEmpty() || keys.get().contains(key);
    }

    /// Whether there is reason to think that it has live sessions, or may get some: not a mere gateway.
    public boolean runsSessions() {
        return load.capacity().sessions() > 0 || keys.isEmpty() || !keys.get().isEmpty();
    }

    public boolean isUp() {
        return reach == Reach.UP;
    }
}
