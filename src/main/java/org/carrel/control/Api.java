package org.carrel.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.carrel.api.ApiWords;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Outcome;
import org.carrel.control.Router.Found;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.http.Answer;
import org.carrel.http.Handler;
import org.carrel.http.Header;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.port.Audit;
import org.carrel.port.Catalogue;
import org.carrel.port.Drains;
import org.carrel.port.HomeDesk;
import org.carrel.port.Identities;
import org.carrel.port.Invites;
import org.carrel.port.Members;
import org.carrel.port.NodeMetadata;
import org.carrel.port.Services;
import org.carrel.port.Sessions;
import org.carrel.port.ShutOuts;
import org.carrel.port.Starts;
import org.carrel.port.Troubles;
import org.carrel.port.Views;

/// The REST interface: everything below `/api/`. Errors are problem+json, always with the id of the request.
///
/// Order of checks, for every operation: path (404), method (405), who (401), scope (403), whether the user meant it
/// (403), what the client takes (406), parameters and body (400, 413, 415), and then the resource itself.
public final class Api implements Handler {
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private final Router router;
    private final CsrfCheck csrf;

    /// @param homes      users', where every machine has its own
    /// @param addresses  of the moment
    /// @param rules      how sessions of a kind are addressed
    /// @param identities asked again now and then while an event stream is open
    /// @param invites    of this node
    /// @param troubles   of this node
    /// @param local      how the portal is reached, for those who ask through the node's own socket
    /// @param version    of this program
    public record Parts(
            Starts starts,
            Sessions sessions,
            Views views,
            NodeFolding nodes,
            Timeline timeline,
            Drains drains,
            NodeMetadata metadata,
            Services services,
            Members members,
            ShutOuts shutOuts,
            Optional<HomeDesk.Desks> homes,
            Invites invites,
            Catalogue catalogue,
            Supplier<Addresses> addresses,
            Function<KindId, ProxyRules> rules,
            TokenDesk tokens,
            Passwords passwords,
            CsrfCheck csrf,
            Identities identities,
            Audit audit,
            Troubles troubles,
            Door local,
            String version) {}

    /// How the portal is reached.
    /// @param authority host and port
    public record Door(String scheme, String authority) {}

    public Api(Parts parts) {
        csrf = parts.csrf();
        SessionFolding folding = new SessionFolding(parts.addresses(), parts.rules(), parts.local());
        List<Route> routes = new ArrayList<>();
        routes.addAll(new AppResources(parts.catalogue(), parts.sessions()).routes());
        routes.addAll(new SessionResources(
                        parts.starts(), parts.sessions(), parts.views(), parts.catalogue(), folding, parts.audit())
                .routes());
        Streams streams = new Streams(parts.identities());
        routes.addAll(new EventResources(parts.sessions(), parts.views(), folding, parts.nodes(), streams).routes());
        routes.addAll(new ServiceResources(parts.services(), parts.views(), parts.catalogue(), parts.audit(), streams)
                .routes());
        routes.addAll(new NodeResources(
                        parts.views(),
                        parts.nodes(),
                        parts.timeline(),
                        parts.drains(),
                        parts.members(),
                        parts.shutOuts(),
                        parts.audit(),
                        parts.troubles())
                .routes());
        routes.addAll(new ShutOutResources(parts.shutOuts(), parts.audit()).routes());
        routes.addAll(new MetadataResources(parts.views(), parts.metadata(), parts.audit()).routes());
        routes.addAll(new HomeResources(parts.homes(), parts.views(), parts.audit()).routes());
        routes.addAll(new InvitationResources(parts.invites(), parts.audit()).routes());
        routes.addAll(new TokenResources(parts.tokens(), parts.passwords(), parts.csrf(), parts.audit()).routes());
        OpenApi document = new OpenApi(parts.version());
        routes.add(Route.get(ApiWords.OPENAPI, "openapi", "This description")
                .to(Access.ANYONE)
                .answers(200, new Route.Shape.AnyObject(), "OpenAPI 3.1")
                .by(_ -> document.answer()));
        document.describe(routes);
        router = new Router(routes);
    }

    List<Route> routes() {
        return router.routes();
    }

    @Override
    public Answer answer(Request request) throws IOException, InterruptedException {
        try {
            return switch (router.find(request.head().method(), request.head().path())) {
                case Found.Match(var route, var names) -> call(route, names, request);
                case Found.OtherMethods(var allow) -> otherMethod(request, allow);
                case Found.NoPath() ->
                    Problems.of(request.head(), 404, "no such resource; " + ApiWords.OPENAPI + " lists them");
            };
        } catch (Refusal refusal) {
            return refusal.answer();
        }
    }

    private Answer call(Route route, Map<String, String> names, Request request)
            throws IOException, InterruptedException {
        allow(route, request);
        if (!SAFE.contains(request.head().method()) && route.access() != Access.PASSWORD) {
            Optional<String> objection = request.proof() == Proof.COOKIE ? csrf.objection(request) : Optional.empty();
            if (objection.isPresent())
                throw new Refusal(Problems.named(request.head(), 403, "not-meant", objection.get()));
        }
        Call call = new Call(request, request.principal(), names);
        checkAccept(route, call);
        checkParameters(route, call);
        boolean headOnly = request.head().method().equals("HEAD");
        if (headOnly && route.produces().equals("text/event-stream"))
            return new Answer.Whole(200, List.of(new Header("Content-Type", route.produces())), new byte[0]);
        return route.resource().answer(call);
    }

    private static void allow(Route route, Request request) {
        switch (route.access()) {
            case ANYONE, PASSWORD -> {} // a password is checked by the resource, which gets it
            case USE -> need(request, Scope.USE);
            case ADMIN -> need(request, Scope.ADMIN);
        }
    }

    private static void need(Request request, Scope scope) {
        Principal who = request.principal()
                .orElseThrow(() -> new Refusal(
                        Problems.of(request.head(), 401, "sign in, or send a token: Authorization: Bearer …")
                                .with("WWW-Authenticate", "Bearer realm=\"carrel\"")));
        if (!who.may(scope) && !who.isAdmin())
            throw new Refusal(Problems.of(request.head(), 403, "this needs the scope \"" + scope.word() + "\""));
    }

    private static void checkAccept(Route route, Call call) {
        String type = route.produces();
        if (type.isEmpty() || Accepts.takes(call.head().headers("Accept"), type)) return;
        throw call.refuse(406, "this resource is " + type + " and nothing else");
    }

    /// A misspelt filter must not show everything.
    private static void checkParameters(Route route, Call call) {
        for (String given : call.request().parameters().keySet()) {
            List<String> known =
                    route.parameters().stream().map(Route.Parameter::name).toList();
            if (known.contains(given)) continue;
            String those = known.isEmpty() ? "there are none" : "known: " + String.join(", ", known);
            throw call.refuse(400, "unknown parameter \"" + shown(given) + "\"; " + those);
        }
    }

    private static Answer otherMethod(Request request, String allow) {
        if (request.head().method().equals("OPTIONS")) return Answer.empty(204).with("Allow", allow);
        return Problems.of(request.head(), 405, "this resource knows " + allow).with("Allow", allow);
    }

    private static String shown(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() > 40 ? clean.substring(0, 40) + "…" : clean;
    }

    /// errors that any operation may answer, for the description
    static List<Outcome> sharedErrors(Route route) {
        List<Outcome> shared = new ArrayList<>();
        Route.Shape trouble = new Route.Shape.Trouble();
        shared.add(new Outcome(400, "a parameter or the body is wrong; the detail names it", trouble));
        if (route.access() != Access.ANYONE) shared.add(new Outcome(401, "not signed in", trouble));
        if (route.access() != Access.ANYONE)
            shared.add(new Outcome(403, "not allowed, or not meant by the user", trouble));
        if (!route.produces().isEmpty()) shared.add(new Outcome(406, "the client doesn't take this type", trouble));
        if (route.takes().isPresent()) {
            shared.add(new Outcome(413, "the body is too long", trouble));
            shared.add(new Outcome(415, "the body isn't JSON", trouble));
        }
        return shared;
    }
}
