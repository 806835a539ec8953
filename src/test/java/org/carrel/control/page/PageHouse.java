package org.carrel.control.page;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.carrel.auth.Account;
import org.carrel.auth.Auth;
import org.carrel.auth.Authenticator;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.Service;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Origin;
import org.carrel.domain.route.Place;
import org.carrel.domain.route.ServiceAddresses;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Request;
import org.carrel.port.Audit;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Pages.Hindrance;
import org.carrel.support.FakeAgent;
import org.carrel.support.TestClock;
import org.carrel.support.TestRequest;

/// The portal with everything but sockets: requests come in as the gateway would hand them over.
/// Users: `ada`, `ben`, `admin`; each one's password is the name with `-pw` behind it.
final class PageHouse implements AutoCloseable {
    static final String CARRIED = "carried to the workload";

    final FakeAgent agent = FakeAgent.withApps();
    final TestClock clock = new TestClock();
    final Map<UserId, Account> accounts = new HashMap<>();
    final Auth auth;
    final PortalPages pages;
    final List<Audit.Entry> audited = new CopyOnWriteArrayList<>();
    private final Addresses addresses;
    private static final AppId SITE = new AppId("site");
    /// a service for who is signed in
    private final App site = FakeAgent.app(SITE.value(), "Site", Audience.EVERYBODY)
            .as(new Service(List.of(), false, List.of("www.example.org", "example.org"), false));

    PageHouse(Path directory) throws IOException {
        this(directory, Optional.of("localhost"));
    }

    PageHouse(Path directory, Optional<String> contentDomain) throws IOException {
        addresses = new Addresses(Set.of("localhost", "127.0.0.1", "lab.example"), contentDomain)
                .with(ServiceAddresses.of(List.of(site)));
        put("ada", Set.of(), "1");
        put("ben", Set.of(), "1");
        put("admin", Set.of("admin"), "1");
        auth = Auth.open(
                directory,
                user -> Optional.ofNullable(accounts.get(user)),
                List.of(new PlainPasswords()),
                clock,
                audited::add);
        pages = new PortalPages(new PortalPages.Parts(
                agent,
                agent,
                agent,
                agent,
                auth,
                auth.codes(),
                audited::add,
                () -> addresses,
                kind -> ProxyRules.PLAIN,
                request -> Answer.text(200, "api"),
                request -> Answer.text(200, "ops"),
                new PortalSettings("Lab", "localhost")));
    }

    void put(String user, Set<String> groups, String stamp) {
        accounts.put(new UserId(user), new Account(new UserId(user), groups, stamp));
    }

    private final class PlainPasswords implements Authenticator {
        @Override
        public String name() {
            return "plain";
        }

        @Override
        public Verdict authenticate(Credentials credentials) {
            Account account = accounts.get(credentials.user());
            if (account == null) return new Verdict.NotMine();
            return credentials.password().equals(account.user() + "-pw")
                    ? new Verdict.Known(account)
                    : new Verdict.Challenge("wrong password");
        }
    }

    /// a session of this user, ready
    Session ready(String user) {
        SessionKey key = new SessionKey(
                new UserId(user), agent.entries().getFirst().app().id(), "default");
        agent.begin(key, TestRequest.get("/").id());
        Session session = agent.current().sessions().values().stream()
                .filter(it -> it.key().equals(key))
                .findFirst()
                .orElseThrow();
        agent.ready(session.id());
        return agent.current().session(session.id()).orElseThrow();
    }

    /// a copy of the service, ready
    Session copy() {
        SessionKey key = ServiceKeys.of(SITE, new NodeName("n1"));
        if (agent.find(SITE).isEmpty()) agent.offer(site, Optional.empty());
        agent.begin(key, TestRequest.get("/").id());
        Session session = agent.current().sessions().values().stream()
                .filter(it -> it.key().equals(key))
                .findFirst()
                .orElseThrow();
        agent.ready(session.id());
        return session;
    }

    /// as the gateway does it
    Answer ask(TestRequest request) {
        try {
            Place place = addresses.locate(request.host(), request.authority(), request.path(), request.query());
            return switch (place) {
                case Place.Portal portal -> pages.portal(proved(request, Origin.PORTAL));
                case Place.Beside beside -> pages.beside(proved(request, beside.origin()), beside);
                case Place.InSession session -> inSession(request, session);
                case Place.BesideService beside ->
                    pages.besideService(proved(request, new Origin.OfService(beside.app())), beside);
                case Place.OfService service -> ofService(request, service);
                case Place.Elsewhere elsewhere -> Answer.redirect(elsewhere.status(), elsewhere.location());
                case Place.Nowhere nowhere -> Answer.text(nowhere.status(), nowhere.why());
            };
        } catch (IOException | InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    Answer.Whole whole(TestRequest request) {
        return (Answer.Whole) ask(request);
    }

    Visitor visitor() {
        return new Visitor(this);
    }

    private Answer ofService(TestRequest request, Place.OfService place) {
        Identity identity = auth.identities().identify(request, place.origin());
        if (identity instanceof Identity.Known known)
            return Answer.text(200, CARRIED + " for " + known.principal().user());
        Session copy = agent.current().sessions().values().stream()
                .filter(it -> it.app().equals(place.app()))
                .findFirst()
                .orElseThrow();
        Place.InSession at = new Place.InSession(copy.id(), place.prefix(), place.ownOrigin());
        return pages.instead(request, at, new Hindrance.Unproved(identity));
    }

    private Answer inSession(TestRequest request, Place.InSession place) {
        Identity identity = auth.identities().identify(request, place.origin());
        if (!(identity instanceof Identity.Known known))
            return pages.instead(request, place, new Hindrance.Unproved(identity));
        TestRequest proved = request.by(known.principal(), known.proof());
        Optional<Session> session = agent.current()
                .session(place.id())
                .filter(it -> it.owner().equals(known.principal().user()));
        if (session.isEmpty()) return pages.instead(proved, place, new Hindrance.Absent());
        return switch (session.get().state()) {
            case SessionState.Ready ready -> Answer.text(200, CARRIED);
            case SessionState.Ended ended -> pages.instead(proved, place, new Hindrance.Gone(ended.end()));
            case SessionState.Reserved reserved -> pages.instead(proved, place, new Hindrance.NotYet(session.get()));
            case SessionState.Starting starting -> pages.instead(proved, place, new Hindrance.NotYet(session.get()));
            case SessionState.Draining draining -> pages.instead(proved, place, new Hindrance.Gone(draining.because()));
        };
    }

    private Request proved(TestRequest request, Origin origin) {
        return auth.identities().identify(request, origin) instanceof Identity.Known known
                ? request.by(known.principal(), known.proof())
                : request;
    }

    static List<String> all(Answer.Whole answer, String name) {
        List<String> values = new ArrayList<>();
        answer.headers().forEach(header -> {
            if (header.name().equalsIgnoreCase(name)) values.add(header.value());
        });
        return values;
    }

    static String header(Answer.Whole answer, String name) {
        return String.join(" | ", all(answer, name));
    }

    static String text(Answer.Whole answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        auth.close();
    }
}
