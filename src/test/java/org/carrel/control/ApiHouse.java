package org.carrel.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenInfo;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.Service;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Origin;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.carrel.http.Header;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.port.Audit;
import org.carrel.port.HomeDesk;
import org.carrel.port.Identities;
import org.carrel.port.Invites;
import org.carrel.port.Members;
import org.carrel.port.Services;
import org.carrel.port.Troubles;
import org.carrel.port.ViewBoard;
import org.carrel.support.FakeAgent;
import org.carrel.support.TestRequest;

/// The API over a node in memory, with small fakes of what signing in gives.
public final class ApiHouse implements TokenDesk, Passwords, CsrfCheck, Identities {
    static final String CSRF = "right-token";

    public final FakeAgent agent = FakeAgent.withApps();
    public final Api api;
    final List<Audit.Entry> audited = new CopyOnWriteArrayList<>();
    private final Map<String, TokenInfo> tokens = new LinkedHashMap<>();
    private final Map<String, Principal> bearers = new LinkedHashMap<>();
    volatile List<Troubles.Trouble> troubles = List.of();
    volatile Metadata metadata = Metadata.NONE;
    private final HomeDesk homes = new HomesAtRest();
    volatile Identity present = new Identity.Nobody();
    volatile Members.Forgot forgot = new Members.Forgot.Unknown();
    public final FakeShutOuts shutOuts = new FakeShutOuts();
    volatile Set<String> invitedFor = Set.of();
    volatile Invites.Invited invited = new Invites.Invited.Impossible("no cluster");

    public ApiHouse() {
        agent.offer(
                FakeAgent.app("site", "Site", Audience.EVERYBODY).as(new Service(List.of(), false)), Optional.empty());
        Addresses addresses = new Addresses(Set.of("localhost", "127.0.0.1"), Optional.of("localhost"));
        NodeFolding nodes = new NodeFolding(new NodeFolding.Own(
                () -> Set.of("agent", "gateway"), Map.of("gpu", "no"), () -> Set.of(new AppId("faithful"))));
        api = new Api(new Api.Parts(
                agent,
                agent,
                agent,
                nodes,
                new Timeline(new ViewBoard(), nodes, () -> FakeAgent.NOW),
                (node, on) -> {
                    if (!node.equals(FakeAgent.NODE)) throw new IOException("silent");
                    agent.drain(on);
                },
                (node, change) -> {
                    if (!node.equals(FakeAgent.NODE)) throw new IOException("silent");
                    metadata = metadata.with(change);
                    return metadata;
                },
                (app, copies) -> launched(copies),
                name -> forgot,
                shutOuts,
                Optional.of(_ -> homes),
                (life, roles) -> {
                    invitedFor = roles;
                    return invited;
                },
                agent,
                () -> addresses,
                kind -> ProxyRules.PLAIN,
                this,
                this,
                this,
                this,
                audited::add,
                () -> troubles,
                new Api.Door("https", "r.lab.example"),
                "0.1.0-test"));
    }

    private Optional<Feed<Services.Step>> launched(int copies) {
        if (copies > 100) return Optional.empty();
        Services.What what = copies > 9 ? Services.What.SHORT : Services.What.DONE;
        Queue<Services.Step> steps = new ConcurrentLinkedQueue<>(List.of(
                new Services.Step(Services.What.OUTPUT, Optional.of(FakeAgent.NODE), "installing\u001b[2J"),
                new Services.Step(what, Optional.empty(), "copies: " + copies)));
        return Optional.of(new Feed<>() {
            @Override
            public Optional<Services.Step> next(Duration patience) {
                return Optional.ofNullable(steps.poll());
            }

            @Override
            public boolean ended() {
                return steps.isEmpty();
            }

            @Override
            public void close() {
                steps.clear();
            }
        });
    }

    /// who a request comes from, by its bearer token
    public Optional<Principal> bearer(Optional<String> authorization) {
        return authorization
                .filter(value -> value.startsWith("Bearer "))
                .map(value -> bearers.get(value.substring("Bearer ".length())));
    }

    Answer.Whole ask(TestRequest request) throws IOException, InterruptedException {
        return (Answer.Whole) api.answer(request);
    }

    /// with what a page of ours sends along
    Answer.Whole askMeant(TestRequest request) throws IOException, InterruptedException {
        return ask(request.with(ApiWords.CSRF_HEADER, CSRF));
    }

    /// starts an app and answers its session
    JsonNode start(String user, String app) throws IOException, InterruptedException {
        return body(askMeant(TestRequest.post(ApiWords.SESSIONS).as(user).json("{\"app\":\"" + app + "\"}")));
    }

    static SessionId id(JsonNode session) {
        return new SessionId(session.get("id").asText());
    }

    static JsonNode body(Answer.Whole answer) throws IOException {
        return Json.readTree(answer.body());
    }

    static Optional<String> header(Answer.Whole answer, String name) {
        return answer.headers().stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    @Override
    public synchronized TokenAnswer make(UserId user, Set<Scope> scopes, Duration life) {
        String id = "t" + (tokens.size() + 1);
        Instant expires = FakeAgent.NOW.plus(life);
        List<String> words = scopes.stream().map(Scope::word).sorted().toList();
        tokens.put(id, new TokenInfo(id, words, FakeAgent.NOW, expires));
        Set<String> groups = user.value().equals("admin") ? Set.of("admin") : Set.of();
        bearers.put("carrel_" + id, new Principal(user, groups, scopes));
        return new TokenAnswer("carrel_" + id, expires, words);
    }

    @Override
    public synchronized List<TokenInfo> list(UserId user) {
        return new ArrayList<>(tokens.values());
    }

    @Override
    public synchronized boolean revoke(UserId user, String id) {
        bearers.remove("carrel_" + id);
        return tokens.remove(id) != null;
    }

    @Override
    public Checked check(String user, String password, RequestHead asked) {
        if (user.equals("mallory")) return new Checked.Later(Duration.ofSeconds(7));
        if (!password.equals("pw-" + user)) return new Checked.Wrong();
        boolean admin = user.equals("admin");
        Set<Scope> scopes = admin ? Set.of(Scope.values()) : Set.of(Scope.USE);
        return new Checked.Right(new Principal(new UserId(user), admin ? Set.of("admin") : Set.of(), scopes));
    }

    @Override
    public Optional<String> objection(Request request) {
        if (request.head().header(ApiWords.CSRF_HEADER).equals(Optional.of(CSRF))) return Optional.empty();
        return Optional.of("the token is missing");
    }

    @Override
    public String tokenFor(Request request) {
        return request.proof() == Request.Proof.COOKIE ? CSRF : "";
    }

    @Override
    public Identity identify(RequestHead head, Origin origin) {
        return present;
    }

    @Override
    public long version() {
        return 0;
    }
}
