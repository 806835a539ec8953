package org.carrel.control;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.carrel.api.ApiWords;
import org.carrel.api.ForgetRequest;
import org.carrel.api.HappenedInfo;
import org.carrel.api.Items;
import org.carrel.api.NodeInfo;
import org.carrel.api.TroubleInfo;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Shape;
import org.carrel.domain.node.NodeName;
import org.carrel.http.Answer;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.Drains;
import org.carrel.port.Members;
import org.carrel.port.Members.Forgot;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.ShutOuts;
import org.carrel.port.Troubles;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Nodes: what they have and hold, drain and undrain, and what an administrator should look at.
final class NodeResources {
    private static final Logger LOG = LoggerFactory.getLogger(NodeResources.class);
    private static final String ONE = ApiWords.NODES + "/{name}";

    private final Views views;
    private final NodeFolding folding;
    private final Timeline timeline;
    private final Drains drains;
    private final Members members;
    private final ShutOuts shutOuts;
    private final Audit audit;
    private final Troubles troubles;

    NodeResources(
            Views views,
            NodeFolding folding,
            Timeline timeline,
            Drains drains,
            Members members,
            ShutOuts shutOuts,
            Audit audit,
            Troubles troubles) {
        this.folding = folding;
        this.timeline = timeline;
        this.members = members;
        this.shutOuts = shutOuts;
        this.audit = audit;
        this.troubles = troubles;
        this.views = views;
        this.drains = drains;
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
                        .by(this::one),
                Route.post(ONE + "/drain", "drainNode", "No new sessions; the present ones go on")
                        .to(Access.ADMIN)
                        .answers(200, one, "the node")
                        .fails(404, "no such node")
                        .fails(503, "that machine doesn't answer")
                        .by(call -> drain(call, true)),
                Route.post(ONE + "/undrain", "undrainNode", "Take new sessions again")
                        .to(Access.ADMIN)
                        .answers(200, one, "the node")
                        .fails(404, "no such node")
                        .fails(503, "that machine doesn't answer")
                        .by(call -> drain(call, false)),
                Route.post(ONE + "/forget", "forgetNode", "Take a machine that never comes back off the list")
                        .to(Access.ADMIN)
                        .takes(ForgetRequest.class)
                        .answers(202, one, "the node; all have forgotten it soon")
                        .fails(404, "no such node")
                        .fails(409, "it isn't out of reach; or it is to be shut out, and this node can't decide that")
                        .by(this::forget),
                Route.get(ApiWords.TIMELINE, "timeline", "What has happened to the nodes, newest first")
                        .answers(200, new Shape.ListOf(HappenedInfo.class), "at most " + Timeline.MOST + " things")
                        .by(_ -> Call.json(200, new Items<>(timeline.happened()))),
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

    private Answer one(Call call) {
        Optional<OtherNode> other = other(call);
        return Call.json(200, other.isPresent() ? folding.fold(other.get()) : folding.fold(node(call)));
    }

    private Answer forget(Call call) throws IOException {
        Optional<OtherNode> other = other(call);
        if (Boolean.TRUE.equals(call.body(ForgetRequest.class).revoke())) return shutOut(call, other);
        if (other.isEmpty()) {
            NodeFacts own = node(call);
            throw call.refuse(409, own.name() + " is this node itself");
        }
        NodeName name = other.get().name();
        return switch (members.forget(name)) {
            case Forgot.Done() -> {
                audit.note(Entry.of(What.NODE_FORGET, call.asker().user(), Entry.OK)
                        .with("node", name)
                        .asked(call.head()));
                yield Call.json(202, folding.fold(other.get()));
            }
            case Forgot.Reachable() ->
                throw call.refuse(
                        409, name + " is " + other.get().state().word() + ", not out of reach; stop it there first");
            case Forgot.Unknown() -> throw call.refuse(404, "no such node; " + ApiWords.NODES + " lists them");
        };
    }

    /// Also one that is on the list no more, by its id.
    private Answer shutOut(Call call, Optional<OtherNode> other) throws IOException {
        String named = other.map(node -> node.id().value()).orElse(call.name("name"));
        if (views.current().nodes().stream().anyMatch(own -> own.name().value().equals(named)))
            throw call.refuse(409, named + " is this node itself");
        return switch (shutOuts.shutOut(named)) {
            case ShutOuts.Answer.Done(var one) -> {
                audit.note(Entry.of(What.NODE_SHUT_OUT, call.asker().user(), Entry.OK)
                        .with("node", one.name())
                        .with("id", one.node())
                        .asked(call.head()));
                yield Call.json(202, other.isPresent() ? folding.fold(other.get()) : folding.unknown(one.name()));
            }
            case ShutOuts.Answer.Unknown() ->
                throw call.refuse(404, "no such node; " + ApiWords.NODES + " lists them, and the log has their ids");
            case ShutOuts.Answer.Impossible(var why) -> throw call.refuse(409, why);
        };
    }

    private Optional<OtherNode> other(Call call) {
        return views.current().others().values().stream()
                .filter(node -> node.name().value().equals(call.name("name")))
                .findFirst();
    }

    private Answer list(Call call) {
        return Call.json(
                200,
                new Items<>(Stream.concat(
                                views.current().nodes().stream().map(folding::fold),
                                views.current().others().values().stream().map(folding::fold))
                        .sorted(Comparator.comparing(NodeInfo::name))
                        .toList()));
    }

    private Answer drain(Call call, boolean on) throws InterruptedException {
        Optional<OtherNode> other = other(call);
        NodeName name = other.isPresent() ? other.get().name() : node(call).name();
        try {
            drains.drain(name, on);
        } catch (IOException silent) {
            throw call.refuse(503, name + " doesn't answer; try again when it is up (" + silent.getMessage() + ")");
        }
        LOG.info("node drain node={} on={} by={}", name, on, call.asker().user());
        audit.note(Entry.of(What.NODE_DRAIN, call.asker().user(), on ? "on" : "off")
                .with("node", name)
                .asked(call.head()));
        return Call.json(200, other.isPresent() ? folding.fold(other.get()) : folding.fold(node(call), on));
    }

    private NodeFacts node(Call call) {
        return views.current().nodes().stream()
                .filter(node -> node.name().value().equals(call.name("name")))
                .findFirst()
                .orElseThrow(() -> call.refuse(404, "no such node; " + ApiWords.NODES + " lists them"));
    }
}
