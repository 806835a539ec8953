package org.carrel.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.SessionGone;
import org.carrel.api.SessionInfo;
import org.carrel.control.Api.Door;
import org.carrel.control.Route.Shape;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.http.Answer;
import org.carrel.http.Answer.Event;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.Sessions;
import org.carrel.port.View;
import org.carrel.port.Views;

/// What happens, as it happens: server-sent events.
///
/// - `session`, data `SessionInfo`: first as it is, then whenever it changed
/// - `progress`, data `ProgressInfo`: a stage of a start, the present one first
/// - `node`, data `NodeInfo`: the same for nodes
/// - `gone`, data `SessionGone`: a session left the lists
final class EventResources {
    private final Sessions sessions;
    private final Views views;
    private final SessionFolding folding;
    private final NodeFolding nodes;
    private final Streams streams;

    EventResources(Sessions sessions, Views views, SessionFolding folding, NodeFolding nodes, Streams streams) {
        this.nodes = nodes;
        this.sessions = sessions;
        this.views = views;
        this.folding = folding;
        this.streams = streams;
    }

    List<Route> routes() {
        return List.of(
                Route.get(SessionResources.ONE + "/events", "followSession", "One session until it has ended")
                        .answers(200, new Shape.Stream(), "events named session and progress")
                        .fails(404, "no such session, or not yours")
                        .fails(429, "too many open streams")
                        .by(this::ofOne),
                Route.get(ApiWords.EVENTS, "followAll", "Your sessions and the nodes")
                        .answers(200, new Shape.Stream(), "events named session, gone and node; everything first")
                        .parameter("all", Route.Parameter.Type.YES_OR_NO, "everybody's sessions, for administrators")
                        .fails(429, "too many open streams")
                        .by(this::ofAll));
    }

    private Answer ofOne(Call call) {
        Session session = SessionResources.sessionFor(call, views);
        Door door = folding.doorOf(call.request());
        SessionId id = session.id();
        return streams.open(call, asker -> {
            Event first = event("session", folding.fold(session, views.current(), door));
            return new SessionEvents(first, sessions.watch(id), views, id, door, folding);
        });
    }

    private Answer ofAll(Call call) {
        boolean all = call.flag("all");
        Door door = folding.doorOf(call.request());
        return streams.open(
                call,
                asker -> new ChangeFeed(
                        views.follow(),
                        view -> shown(view, asker, all, door),
                        key -> event("gone", new SessionGone(key)),
                        _ -> false));
    }

    private Map<String, Event> shown(View view, Principal asker, boolean all, Door door) {
        Map<String, Event> events = new LinkedHashMap<>();
        for (NodeFacts node : view.nodes()) events.put(ChangeFeed.STAYS + node.name(), event("node", nodes.fold(node)));
        for (OtherNode node : view.others().values())
            events.put(ChangeFeed.STAYS + node.name(), event("node", nodes.fold(node)));
        for (Session session : view.sessions().values()) {
            if (!session.owner().equals(asker.user()) && !(all && asker.isAdmin())) continue;
            events.put(session.id().value(), event("session", folding.fold(session, view, door)));
        }
        return events;
    }

    static Event event(String name, Object data) {
        return new Event(name, Json.text(data));
    }

    /// the changes of one session, until it ended
    static ChangeFeed changesOf(SessionId id, Views views, Door door, SessionFolding folding) {
        return new ChangeFeed(
                views.follow(),
                view -> {
                    Optional<SessionInfo> info = view.session(id).map(session -> folding.fold(session, view, door));
                    return info.map(it -> Map.of(id.value(), event("session", it)))
                            .orElse(Map.of());
                },
                key -> event("gone", new SessionGone(key)),
                view -> view.session(id)
                        .filter(session -> session.state().isLive())
                        .isEmpty());
    }
}
