package org.carrel.control;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.carrel.api.ApiWords;
import org.carrel.api.MetadataInfo;
import org.carrel.api.MetadataRequest;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Shape;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeName;
import org.carrel.http.Answer;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.NodeMetadata;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What machines were told to remember: small texts by key, on each machine's own disk.
final class MetadataResources {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataResources.class);
    private static final String ALL = ApiWords.NODES + "/{name}/metadata";

    private final Views views;
    private final NodeMetadata metadata;
    private final Audit audit;

    MetadataResources(Views views, NodeMetadata metadata, Audit audit) {
        this.views = views;
        this.metadata = metadata;
        this.audit = audit;
    }

    List<Route> routes() {
        Shape all = new Shape.Record(MetadataInfo.class);
        return List.of(
                Route.get(ALL, "getMetadata", "What a machine was told to remember, as it says itself")
                        .to(Access.ADMIN)
                        .answers(200, all, "all of it")
                        .fails(404, "no such node")
                        .fails(503, "that machine doesn't answer")
                        .by(call -> now(call, Metadata.Change.NOTHING)),
                Route.post(ALL, "changeMetadata", "Set and remove entries, as a whole")
                        .to(Access.ADMIN)
                        .takes(MetadataRequest.class)
                        .answers(200, all, "all of it, as it is then")
                        .fails(404, "no such node")
                        .fails(409, "there would be too many entries")
                        .fails(503, "that machine doesn't answer")
                        .by(this::change));
    }

    private Answer change(Call call) throws IOException, InterruptedException {
        Metadata.Change change = asked(call);
        NodeName node = node(call);
        Answer answer = now(call, change);
        LOG.info(
                "node metadata node={} set={} removed={} by={}",
                node,
                change.set().keySet(),
                change.remove(),
                call.asker().user());
        audit.note(Entry.of(What.NODE_METADATA, call.asker().user(), Entry.OK)
                .with("node", node)
                .with("set", new TreeMap<>(change.set()))
                .with("removed", change.remove())
                .asked(call.head()));
        return answer;
    }

    private Answer now(Call call, Metadata.Change change) throws InterruptedException {
        NodeName node = node(call);
        try {
            Metadata now = metadata.change(node, change);
            return Call.json(200, new MetadataInfo(node.value(), new TreeMap<>(now.entries())));
        } catch (IOException silent) {
            throw call.refuse(503, node + " doesn't answer; try again when it is up (" + silent.getMessage() + ")");
        } catch (IllegalArgumentException tooMany) {
            throw call.refuse(409, String.valueOf(tooMany.getMessage()));
        }
    }

    private static Metadata.Change asked(Call call) throws IOException {
        MetadataRequest asked = call.body(MetadataRequest.class);
        try {
            return new Metadata.Change(
                    Optional.ofNullable(asked.set()).orElse(Map.of()),
                    Set.copyOf(new HashSet<>(Optional.ofNullable(asked.remove()).orElse(List.of()))));
        } catch (NullPointerException nothing) {
            throw call.refuse(400, "a key or a value is null");
        } catch (IllegalArgumentException wrong) {
            throw call.refuse(400, String.valueOf(wrong.getMessage()));
        }
    }

    private NodeName node(Call call) {
        View view = views.current();
        String name = call.name("name");
        return view.nodes().stream()
                .map(facts -> facts.name())
                .filter(own -> own.value().equals(name))
                .findFirst()
                .or(() -> view.others().keySet().stream()
                        .filter(other -> other.value().equals(name))
                        .findFirst())
                .orElseThrow(() -> call.refuse(404, "no such node; " + ApiWords.NODES + " lists them"));
    }
}
