package org.carrel.agent;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.launch.Launcher.Life;
import org.carrel.port.Troubles;

/// Workloads with our marker that no record explains. Whose they are isn't known, so nobody is let in and nothing is
/// stopped; they are told of while they live.
final class Orphans implements Troubles {
    private final Means means;
    private final Map<SessionId, Handle> found;

    /// @param found when the agent began
    Orphans(Means means, Map<SessionId, Handle> found) {
        this.means = means;
        this.found = Map.copyOf(found);
    }

    @Override
    public List<Trouble> present() {
        return found.entrySet().stream()
                .filter(one -> means.look(one.getValue()) instanceof Life.Alive)
                .sorted(Map.Entry.comparingByKey())
                .limit(MOST)
                .map(one -> trouble(one.getKey(), one.getValue()))
                .toList();
    }

    private Trouble trouble(SessionId id, Handle handle) {
        OptionalLong pid =
                means.launcher(handle).map(launcher -> launcher.pid(handle)).orElseGet(OptionalLong::empty);
        return new Trouble(
                "orphan",
                "a workload of session " + id + " runs and no record says whose it is"
                        + (pid.isPresent() ? ", pid " + pid.getAsLong() : ""),
                pid.isPresent()
                        ? "look at it (ps -fp " + pid.getAsLong() + "), then end it by hand (kill " + pid.getAsLong()
                                + "); its log is " + means.logPath(handle, id)
                        : "look at it by its handle " + handle + ", then end it by hand");
    }
}
