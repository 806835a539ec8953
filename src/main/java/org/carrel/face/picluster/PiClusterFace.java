package org.carrel.face.picluster;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.carrel.api.Json;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.http.Answer;
import org.carrel.http.Handler;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.NodeMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The words of the older cluster; see the package.
public final class PiClusterFace implements Handler {
    private static final Logger log = LoggerFactory.getLogger(PiClusterFace.class);
    private static final String NODES = "/nodes/";
    private static final String META_DATA = "/meta-data/";
    private static final String WORKING = NODES + "workingService/";
    private static final String ADD = META_DATA + "add-service/";
    private static final String REMOVE = META_DATA + "remove-service/";
    /// what can be an app's name can be a service's, and the key of an entry has 64 characters
    private static final Pattern SERVICE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,39}");

    private final Neighbourhood nodes;
    private final NodeMetadata.Own metadata;
    private final Audit audit;

    /// @param metadata of this node
    public PiClusterFace(Neighbourhood nodes, NodeMetadata.Own metadata, Audit audit) {
        this.nodes = nodes;
        this.metadata = metadata;
        this.audit = audit;
    }

    /// Whether a path of the portal is one of the older cluster's.
    public static boolean knows(String path) {
        return path.startsWith(NODES) || path.startsWith(META_DATA);
    }

    @Override
    public Answer answer(Request request) throws IOException {
        Optional<Principal> who = request.principal();
        if (who.isEmpty())
            return no(401, "send a token with the scope nodes: Authorization: Bearer …")
                    .with("WWW-Authenticate", "Bearer realm=\"carrel\"");
        if (!who.get().may(Scope.NODES)) return no(403, "this needs the scope nodes");
        String path = request.head().path();
        return switch (request.head().method()) {
            case "GET", "HEAD" -> shown(path);
            case "PUT" -> changed(request, who.get(), path);
            default -> no(405, "this knows GET and PUT").with("Allow", "GET, HEAD, PUT");
        };
    }

    private Answer shown(String path) {
        if (path.equals(NODES + "alive"))
            return json(nodes.seen().stream().map(Neighbourhood.Seen::ip).toList());
        if (path.equals(NODES + "monitoring")) {
            Map<String, Object> all = new TreeMap<>();
            nodes.seen().forEach(node -> all.put(node.ip(), node.load()));
            return json(all);
        }
        Optional<String> service = service(path, WORKING);
        if (service.isPresent())
            return json(nodes.seen().stream()
                    .filter(node -> node.services().contains(service.get()))
                    .map(node -> new Working(node.ip(), node.services()))
                    .toList());
        return no(404, "there is nothing here");
    }

    private record Working(String ip, List<String> services) {}

    private Answer changed(Request request, Principal by, String path) throws IOException {
        Optional<String> added = service(path, ADD);
        Optional<String> service = added.or(() -> service(path, REMOVE));
        if (service.isEmpty()) return no(404, "there is nothing here");
        // a page of another site can't make a browser send a token
        if (request.proof() == Proof.COOKIE) return no(403, "this needs a token; a cookie isn't enough");
        String key = Neighbourhood.WORKS + service.get();
        Metadata.Change change =
                added.isPresent() ? Metadata.Change.set(key, Neighbourhood.ON) : Metadata.Change.remove(key);
        try {
            Metadata now = metadata.change(change);
            log.info("node works service={} on={} by={}", service.get(), added.isPresent(), by.user());
            audit.note(Entry.of(What.NODE_METADATA, by.user(), Entry.OK)
                    .with("node", nodes.own())
                    .with(added.isPresent() ? "set" : "removed", key)
                    .asked(request.head()));
            return json(new Working(nodes.ownAddress(), nodes.ownServices(now)));
        } catch (IllegalArgumentException tooMany) {
            return no(409, String.valueOf(tooMany.getMessage()));
        }
    }

    private static Optional<String> service(String path, String prefix) {
        if (!path.startsWith(prefix)) return Optional.empty();
        return Optional.of(path.substring(prefix.length()))
                .filter(name -> SERVICE.matcher(name).matches());
    }

    private static Answer.Whole json(Object value) {
        return Answer.json(200, Json.bytes(value)).with("Cache-Control", "no-store");
    }

    private static Answer.Whole no(int status, String why) {
        return Answer.json(status, Json.bytes(Map.of("error", why))).with("Cache-Control", "no-store");
    }
}
