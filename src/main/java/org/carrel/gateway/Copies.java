package org.carrel.gateway;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState;
import org.carrel.port.OtherNode;
import org.carrel.port.View;

/// The ready copies of each service, as the newest view shows them, in turn. Those on nodes that are silent come last.
/// Belongs to one event loop.
final class Copies {
    private record Copy(SessionId id, boolean silent) {}

    private View seen = View.EMPTY;
    private Map<AppId, List<Copy>> ready = Map.of();
    private int turn;

    /// @param tried not again
    Optional<SessionId> next(View view, AppId app, Set<SessionId> tried) {
        if (view != seen) {
            ready = fold(view);
            seen = view;
        }
        List<Copy> copies = ready.getOrDefault(app, List.of());
        turn = (turn + 1) & Integer.MAX_VALUE;
        return turned(copies, false, tried).or(() -> turned(copies, true, tried));
    }

    private Optional<SessionId> turned(List<Copy> copies, boolean silent, Set<SessionId> tried) {
        for (int i = 0; i < copies.size(); i++) {
            Copy copy = copies.get((turn + i) % copies.size());
            if (copy.silent() == silent && !tried.contains(copy.id())) return Optional.of(copy.id());
        }
        return Optional.empty();
    }

    private static Map<AppId, List<Copy>> fold(View view) {
        Map<AppId, List<Copy>> ready = new HashMap<>();
        view.sessions().values().stream()
                .filter(session -> ServiceKeys.isService(session.key()))
                .filter(session -> session.state() instanceof SessionState.Ready)
                .sorted(Comparator.comparing(Session::id))
                .forEach(session -> ready.computeIfAbsent(session.app(), app -> new ArrayList<>())
                        .add(new Copy(session.id(), isSilent(session, view))));
        return ready;
    }

    private static boolean isSilent(Session session, View view) {
        OtherNode node = view.others().get(session.node());
        return node != null && (node.state() == OtherNode.State.SUSPECT || node.state() == OtherNode.State.UNREACHABLE);
    }
}
