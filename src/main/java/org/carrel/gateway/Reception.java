package org.carrel.gateway;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.route.Origin;
import org.carrel.domain.route.Place;
import org.carrel.door.WebDoor;
import org.carrel.gateway.GatewayMetrics.Refusal;
import org.carrel.gateway.http1.Known;
import org.carrel.gateway.http1.PathRules;
import org.carrel.gateway.http1.RawRequest;
import org.carrel.gateway.http1.ReceivedHead;
import org.carrel.gateway.http1.RefusedException;
import org.carrel.http.Answer;
import org.carrel.http.Handler;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestId;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Knock.Traffic;
import org.carrel.port.Pages.Hindrance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides for each request where it goes: to a page, to a session's workload, or away. One for each event loop.
final class Reception {
    private static final Logger log = LoggerFactory.getLogger(Reception.class);

    private static final String INTERFACE = "/api/";

    private final Loop loop;
    private final Services services;

    Reception(Loop loop) {
        this.loop = loop;
        this.services = loop.services;
    }

    /// @throws RefusedException when there is nobody to give it to
    void receive(ClientConnection client, RawRequest request) throws RefusedException {
        if (request.isMethod("TRACE") || request.isMethod("CONNECT"))
            throw new RefusedException(405, "this method isn't served here");
        Place place =
                services.addresses.get().locate(request.host(), request.authority(), request.path(), request.query());
        if (client.local != null) onlyInterface(place, request);
        boolean ours = client.local == null && !(place instanceof Place.Nowhere);
        if (ours
                && services.settings.tls().isPresent()
                && scheme(client, request).equals("http"))
            answer(client, request, Answer.redirect(308, encrypted(client, request)));
        // the same address leads to the next gateway
        else if (ours && client.isLeftBehind()) answer(client, request, Answer.redirect(307, target(request)));
        else receive(client, request, place);
    }

    private static void onlyInterface(Place place, RawRequest request) throws RefusedException {
        if (!(place instanceof Place.Portal && request.path().startsWith(INTERFACE)))
            throw new RefusedException(403, "only the REST interface is served on the node's own socket");
    }

    private void receive(ClientConnection client, RawRequest request, Place place) throws RefusedException {
        switch (place) {
            case Place.Portal portal
            when request.path().equals(WebDoor.PATH) && services.webDoor.isPresent() ->
                enterDoor(client, request, services.webDoor.get());
            case Place.Portal portal -> {
                // the portal has no service worker; one of a session in path mode must not reach beyond its prefix
                if (request.fields().times(Known.SERVICE_WORKER) > 0)
                    throw new RefusedException(403, "no service worker has its home here");
                PathRules.checkOurs(request.path());
                page(client, request, Origin.PORTAL, services.pages::portal);
            }
            case Place.Beside beside -> {
                PathRules.checkOurs(request.path());
                page(client, request, beside.origin(), asked -> services.pages.beside(asked, beside));
            }
            case Place.BesideService beside -> {
                PathRules.checkOurs(request.path());
                Origin origin = new Origin.OfService(beside.app());
                page(client, request, origin, asked -> services.pages.besideService(asked, beside));
            }
            case Place.InSession in -> inSession(client, request, in);
            case Place.OfService service -> ofService(client, request, service);
            case Place.Elsewhere elsewhere ->
                answer(client, request, Answer.redirect(elsewhere.status(), elsewhere.location()));
            case Place.Nowhere nowhere -> {
                int status = nowhere.status();
                if (status == 421) throw new RefusedException(status, nowhere.why());
                answer(client, request, Answer.text(status, status + ": " + nowhere.why() + "\n"));
            }
        }
    }

    /// A node, whom the door asks who it is: nothing a person has counts here.
    private void enterDoor(ClientConnection client, RawRequest request, WebDoor door) throws RefusedException {
        ReceivedHead asked = head(client, request, new RequestId("-"));
        boolean upgrades = request.isMethod("GET") && request.isWebSocket() && !request.hasBody();
        Optional<String> head = upgrades
                ? door.answer(
                        asked.header("Sec-WebSocket-Key"),
                        asked.header("Sec-WebSocket-Version"),
                        asked.header("Sec-WebSocket-Protocol"))
                : Optional.empty();
        if (head.isEmpty()) throw new RefusedException(400, "other nodes enter here, and nobody else");
        client.enter(door, head.get());
    }

    private void page(ClientConnection client, RawRequest request, Origin origin, Handler handler)
            throws RefusedException {
        Identity identity = identity(client, request, origin);
        if (identity instanceof Identity.Refused refused && refused.status() == 400)
            throw new RefusedException(400, refused.why());
        PageExchange.begin(client, request, head(client, request, loop.nextId()), identity, handler);
    }

    private void inSession(ClientConnection client, RawRequest request, Place.InSession place) throws RefusedException {
        Identity identity = identity(client, request, place.origin());
        if (!(identity instanceof Identity.Known known)) {
            instead(client, request, place, identity, new Hindrance.Unproved(identity));
            return;
        }
        toSession(client, request, place, known, Optional.empty());
    }

    private void ofService(ClientConnection client, RawRequest request, Place.OfService place) throws RefusedException {
        // its scope would be below the portal's, and it would outlive the service
        if (!place.ownOrigin() && request.fields().times(Known.SERVICE_WORKER) > 0)
            throw new RefusedException(403, "no service worker has its home here");
        Identity identity = identity(client, request, place.origin());
        if (identity instanceof Identity.Refused refused && refused.status() == 400)
            throw new RefusedException(400, refused.why());
        new Balancing(this, place, identity).begin(client, request);
    }

    /// @param known     who asks
    /// @param balancing where it is a copy of a service
    void toSession(
            ClientConnection client,
            RawRequest request,
            Place.InSession place,
            Identity.Known known,
            Optional<Balancing> balancing) {
        Optional<String> wrong = OriginRules.objection(request, known.proof(), scheme(client, request));
        if (wrong.isPresent()) {
            services.metrics.refused(Refusal.ORIGIN);
            RequestId id = loop.nextId();
            log.info(
                    "request refused status=403 why=\"{}\" session={} user={} request={} from={}",
                    wrong.get(),
                    place.id(),
                    known.principal().user(),
                    id,
                    client.peer.getHostAddress());
            instead(client, request, place, known, new Hindrance.Refused(403, wrong.get()));
            return;
        }
        Traffic traffic = request.upgrade().isEmpty() ? Traffic.HTTP : Traffic.WEBSOCKET;
        HeldLease.Key key = new HeldLease.Key(place.id(), known, traffic);
        Visit visit =
                new Visit(client, place, known, scheme(client, request), request.authority(), loop.nextId(), balancing);
        Optional<HeldLease> lease = loop.leases.find(key);
        if (lease.isPresent()) visit.carry(request, lease.get());
        else Admitting.begin(visit, key);
    }

    /// @param identity as far as known; pages say "sign in" or show the name
    void instead(ClientConnection client, RawRequest request, Place.InSession place, Identity identity, Hindrance why) {
        ReceivedHead head = head(client, request, loop.nextId());
        PageExchange.begin(client, request, head, identity, asked -> services.pages.instead(asked, place, why));
    }

    private Identity identity(ClientConnection client, RawRequest request, Origin origin) {
        if (client.local != null) return client.local;
        long version = services.identities.version();
        Optional<Identity> recalled = client.proven.recall(request, origin, loop.now, version);
        if (recalled.isPresent()) return recalled.get();
        Identity found = services.identities.identify(head(client, request, new RequestId("-")), origin);
        client.proven.remember(request, origin, found, loop.now, version);
        return found;
    }

    private ReceivedHead head(ClientConnection client, RawRequest request, RequestId id) {
        return ReceivedHead.of(request, scheme(client, request), remote(client, request), id);
    }

    /// The same address where it is encrypted: on the first port, which people are told.
    private String encrypted(ClientConnection client, RawRequest request) {
        int port = services.settings.listen().getFirst().getPort();
        if (port == 0) port = ((InetSocketAddress) client.channel.localAddress()).getPort();
        return "https://" + request.host() + (port == 443 ? "" : ":" + port) + target(request);
    }

    private static String target(RawRequest request) {
        return request.query().isEmpty() ? request.path() : request.path() + "?" + request.query();
    }

    /// as the browser sees it: the connection is encrypted, or was up to a trusted proxy that says so
    private String scheme(ClientConnection client, RawRequest request) {
        if (client.isEncrypted()) return "https";
        if (services.settings.trustedProxies().isEmpty() || !services.isTrusted(client.peer)) return "http";
        Optional<String> said = request.fields().only(Known.X_FORWARDED_PROTO);
        return said.isPresent() && said.get().equalsIgnoreCase("https") ? "https" : "http";
    }

    /// The last address in the list that isn't one of our proxies.
    InetAddress remote(ClientConnection client, RawRequest request) {
        if (services.settings.trustedProxies().isEmpty() || !services.isTrusted(client.peer)) return client.peer;
        List<String> said = new ArrayList<>();
        request.fields().only(Known.X_FORWARDED_FOR).ifPresent(list -> said.addAll(List.of(list.split(","))));
        InetAddress last = client.peer;
        for (String hop : said.reversed()) {
            try {
                last = InetAddress.ofLiteral(hop.strip());
            } catch (IllegalArgumentException notAnAddress) {
                return last;
            }
            if (!services.isTrusted(last)) return last;
        }
        return last;
    }

    /// Answers at once, without a page.
    void answer(ClientConnection client, RawRequest request, Answer.Whole answer) {
        client.answerBegins(answer.status());
        boolean close = client.isLastRequest() || !client.isBodyRead();
        ByteBuf bytes = Answers.whole(loop, client.channel.alloc(), answer, request.isMethod("HEAD"), close);
        client.write(bytes);
        client.flush();
        client.answered(true);
    }

    static boolean isOurProof(Proof proof) {
        return proof == Proof.TOKEN || proof == Proof.PASSWORD;
    }
}
