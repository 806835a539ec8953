package org.carrel.control;

import java.util.List;
import org.carrel.api.ApiWords;
import org.carrel.api.Items;
import org.carrel.api.NodeInfo;
import org.carrel.api.TroubleInfo;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Shape;
import org.carrel.http.Answer;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.NodeFacts;
import org.carrel.port.Sessions;
import org.carrel.port.Troubles;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Nodes: what they have and hold, drain and undrain, and what an administrator should look at.
final class NodeResources {
    private static final Logger LOG = LoggerFactory.getLogger(NodeResources.class);
    private static final String ONE = ApiWords.NODES + "/{name}";

    private final Sessions sessions;
    private final Views views;
    private final Audit audit;
    private final Troubles troubles;

    NodeResources(Sessions sessions, Views views, Audit audit, Troubles troubles) {
        this.audit = audit;
        this.troubles = troubles;
        this.sessions = sessions;
        this.views = views;
    }

    List<Route> routes() {
        Shape one = new Shape.Record(NodeInfo.class);
        return List.of(
                Route.get(ApiWords.NODES, "listNodes", "The nodes")
                        .answers(200, new Shape.ListOf(NodeInfo.class), "the nodes")
                        .by(this::list),
                Route.get(ONE, "getNode", "One node")
                        .answers(200, one, "the node")
                        .fails(404, "no such node")
                        .by(call -> Call.json(200, SessionFolding.fold(node(call)))),
                Route.post(ONE + "/drain", "drainNode", "No new sessions; the present ones go on")
                        .to(Access.ADMIN)
                        .answers(200, one, "the node")
                        .fails(404, "no such node")
                        .by(call -> drain(call, true)),
                Route.post(ONE + "/undrain", "undrainNode", "Take new sessions again")
                        .to(Access.ADMIN)
                        .answers(200, one, "the node")
                        .fails(404, "no such node")
                        .by(call -> drain(call, false)),
                Route.get(ApiWords.TROUBLES, "listTroubles", "What an administrator should look at")
                        .to(Access.ADMIN)
                        .answers(200, new Shape.ListOf(TroubleInfo.class), "the troubles that last")
                        .by(this::troubles));
    }

    private Answer troubles(Call call) {
        String node = views.current().nodes().getFirst().name().value();
        return Call.json(
                200,
                new Items<>(troubles.present().stream()
                        .map(one -> new TroubleInfo(node, one.about(), one.what(), one.next()))
                        .toList()));
    }

    private Answer list(Call call) {
        return Call.json(
                200,
                new Items<>(views.current().nodes().stream()
                        .map(SessionFolding::fold)
                        .toList()));
    }

    private Answer drain(Call call, boolean on) throws InterruptedException {
        NodeFacts node = node(call);
        sessions.drain(on);
        LOG.info("node drain node={} on={} by={}", node.name(), on, call.asker().user());
        audit.note(Entry.of(What.NODE_DRAIN, call.asker().user(), on ? "on" : "off")
                .with("node", node.name())
                .asked(call.head()));
        return Call.json(200, SessionFolding.fold(node, on));
    }

    private NodeFacts node(Call call) {
        return views.current().nodes().stream()
                .filter(node -> node.name().value().equals(call.name("name")))
                .findFirst()
                .orElseThrow(() -> call.refuse(404, "no such node; " + ApiWords.NODES + " lists them"));
    }
}
