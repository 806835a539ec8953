package org.carrel.gateway.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.Service;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Origin;
import org.carrel.domain.route.Place;
import org.carrel.domain.route.ServiceAddresses;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.session.Workload;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.gateway.CountingMetrics;
import org.carrel.gateway.Gateway;
import org.carrel.gateway.GatewaySettings;
import org.carrel.gateway.Limits;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.carrel.http.Handler;
import org.carrel.http.Header;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.port.Admission;
import org.carrel.port.Carrier;
import org.carrel.port.Identities;
import org.carrel.port.Knock;
import org.carrel.port.Lease;
import org.carrel.port.Pages;
import org.carrel.port.Standing;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.carrel.support.FakeAgent;

/// A gateway with everything around it replaced by something a test can see through.
///
/// - `Cookie: carrel_user=ada` proves ada by cookie, `Authorization: Bearer ada` by token; two such cookies are refused
/// - on the host of a service the cookie is named `carrel_user_of_site`
/// - a session belongs to one user; others get `Absent`
public final class Stage implements AutoCloseable {
    public static final SessionId ADAS = new SessionId("adaadaadaadaadaa");
    public static final SessionId BENS = new SessionId("benbenbenbenbenb");
    public static final SessionId STARTING = new SessionId("startingstarting");
    public static final SessionId GONE = new SessionId("gonegonegonegone");

    private final Map<SessionId, Stand> stands = new ConcurrentHashMap<>();
    private final List<Hindered> hindered = new CopyOnWriteArrayList<>();
    private final CountingMetrics metrics = new CountingMetrics();
    private final AtomicInteger admissions = new AtomicInteger();
    private final AtomicInteger openLeases = new AtomicInteger();
    private final AtomicInteger identifications = new AtomicInteger();
    private final AtomicLong input = new AtomicLong();
    private final AtomicInteger longConnections = new AtomicInteger();
    private final Set<String> signedOut = ConcurrentHashMap.newKeySet();
    private final AtomicLong ended = new AtomicLong();
    private final Map<SessionId, Session> copies = new ConcurrentHashMap<>();
    private volatile ServiceAddresses services = ServiceAddresses.NONE;
    private volatile Handler portal =
            request -> Answer.text(200, "portal " + request.head().path() + "\n");
    private final Gateway gateway;
    private final Optional<FarSide> between;
    private final Optional<SocketAddress> address;
    private static volatile Way way = Way.NEAR;

    /// Where a stage's sessions are.
    public enum Way {
        NEAR,
        /// on another node, behind its door
        DOOR,
        /// behind its door, which is a path of a public listener
        WEB_DOOR
    }

    /// @param why what the page was told
    public record Hindered(Place.InSession place, Pages.Hindrance why) {}

    private record Stand(
            UserId owner, Endpoint endpoint, ProxyRules rules, List<Header> inject, Optional<Duration> fresh) {
        Stand(UserId owner, Endpoint endpoint, ProxyRules rules, List<Header> inject) {
            this(owner, endpoint, rules, inject, Optional.empty());
        }
    }

    public Stage() throws IOException {
        this(settings(Limits.DEFAULT));
    }

    public Stage(GatewaySettings settings) throws IOException {
        Addresses addresses = new Addresses(Set.of("localhost", "127.0.0.1"), Optional.of("localhost"));
        between = way == Way.NEAR ? Optional.empty() : Optional.of(FarSide.open(this::admitted, new NoViews()));
        gateway = Gateway.open(
                settings,
                List.of(),
                () -> addresses.with(services),
                new Cookies(),
                new NoViews(),
                this::admit,
                between.map(FarSide::trust),
                new SeenPages(),
                metrics);
        if (way == Way.WEB_DOOR) between.ifPresent(side -> gateway.leadTo(side.web()));
        address = between.<SocketAddress>map(
                side -> way == Way.WEB_DOOR ? side.webAddress(gateway.address()) : side.address());
        gateway.accept();
    }

    /// For the stages that are made from now on.
    public static void sessionsAre(Way by) {
        way = by;
    }

    public static GatewaySettings settings(Limits limits) {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new GatewaySettings(
                List.of(any),
                limits,
                Duration.ofSeconds(5),
                List.of(),
                Optional.empty(),
                2,
                !Boolean.getBoolean("carrel.nio"),
                Optional.empty());
    }

    public Stage with(SessionId id, String owner, Backend backend) {
        return with(id, owner, backend.endpoint(), ProxyRules.PLAIN, List.of());
    }

    public Stage with(SessionId id, String owner, Endpoint endpoint, ProxyRules rules, List<Header> inject) {
        stands.put(id, new Stand(new UserId(owner), endpoint, rules, inject));
        return this;
    }

    /// @param fresh how long what is injected holds for new requests
    public Stage with(SessionId id, String owner, Backend backend, List<Header> inject, Duration fresh) {
        stands.put(id, new Stand(new UserId(owner), backend.endpoint(), ProxyRules.PLAIN, inject, Optional.of(fresh)));
        return this;
    }

    /// A copy of the service `site`, into which users come, and others when it is anonymous.
    public Stage withCopy(SessionId id, Endpoint endpoint, boolean anonymous) {
        SessionKey key = ServiceKeys.of(new AppId("site"), new NodeName("n" + copies.size()));
        Workload workload = new Workload(new Handle("fake", 1, Map.of()), endpoint, OptionalLong.empty());
        copies.put(
                id,
                new Session(
                        id,
                        key,
                        new KindId("web"),
                        Resources.NONE,
                        new NodeName("n1"),
                        Instant.EPOCH,
                        new SessionState.Ready(workload)));
        stands.put(id, new Stand(anonymous ? UserId.ANYBODY : key.owner(), endpoint, ProxyRules.PLAIN, List.of()));
        return this;
    }

    /// How the service `site` is addressed.
    public Stage withSite(Service as) {
        services = ServiceAddresses.of(
                List.of(FakeAgent.app("site", "Site", Audience.EVERYBODY).as(as)));
        return this;
    }

    public Stage withPortal(Handler handler) {
        portal = handler;
        return this;
    }

    /// The session ends, and the view doesn't show it.
    public void end(SessionId id) {
        stands.remove(id);
    }

    public void endAndShow(SessionId id) {
        end(id);
        ended.incrementAndGet();
    }

    /// This user's proofs hold no more.
    public void signOut(String user) {
        signedOut.add(user);
    }

    public Gateway gateway() {
        return gateway;
    }

    public RawClient client() throws IOException {
        return new RawClient(gateway.address());
    }

    /// host and port of a session's own origin
    public String origin(SessionId id) {
        return id + ".localhost:" + gateway.address().getPort();
    }

    /// host and port of the portal
    public String portal() {
        return "localhost:" + gateway.address().getPort();
    }

    /// A request of ada to her session's own origin.
    public String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + origin(ADAS) + "\r\nCookie: carrel_user=ada\r\n\r\n";
    }

    public List<Hindered> hindered() {
        return hindered;
    }

    public CountingMetrics metrics() {
        return metrics;
    }

    public int admissions() {
        return admissions.get();
    }

    public int identifications() {
        return identifications.get();
    }

    public int openLeases() {
        return openLeases.get();
    }

    public long input() {
        return input.get();
    }

    public int longConnections() {
        return longConnections.get();
    }

    private final class Cookies implements Identities {
        @Override
        public Identity identify(RequestHead head, Origin origin) {
            return Stage.this.identify(head, origin);
        }

        @Override
        public long version() {
            return signedOut.size();
        }
    }

    private Identities.Identity identify(RequestHead head, Origin origin) {
        identifications.incrementAndGet();
        String cookie = origin instanceof Origin.OfService ? "carrel_user_of_site=" : "carrel_user=";
        List<String> names = head.headers("Cookie").stream()
                .flatMap(value -> List.of(value.split(";")).stream())
                .map(String::strip)
                .filter(pair -> pair.startsWith(cookie))
                .map(pair -> pair.substring(cookie.length()))
                .toList();
        if (names.size() > 1) return new Identities.Identity.Refused(400, "two cookies of one name");
        if (names.size() == 1) return known(names.getFirst(), Request.Proof.COOKIE);
        Optional<String> bearer = head.header("Authorization")
                .filter(value -> value.startsWith("Bearer "))
                .map(value -> value.substring(7));
        if (bearer.isPresent()) return known(bearer.get(), Request.Proof.TOKEN);
        return new Identities.Identity.Nobody();
    }

    private Identities.Identity known(String user, Request.Proof proof) {
        if (signedOut.contains(user)) return new Identities.Identity.Refused(401, "signed out");
        Principal principal = new Principal(new UserId(user), Set.of("stats", "staff"), Set.of(Scope.USE));
        return new Identities.Identity.Known(
                principal, proof, Standing.of(proof + user, user, () -> !signedOut.contains(user)));
    }

    private static boolean mayEnter(Stand stand, UserId user) {
        if (stand.owner().equals(UserId.ANYBODY)) return true;
        return stand.owner().ownsService()
                ? !user.cannotSignIn()
                : stand.owner().equals(user);
    }

    private Admission.Verdict admit(Knock knock) {
        admissions.incrementAndGet();
        if (knock.session().equals(GONE)) return new Admission.Verdict.Gone(new End.Stopped("ada"));
        Stand stand = stands.get(knock.session());
        if (stand == null || !mayEnter(stand, knock.by().user())) return new Admission.Verdict.Absent();
        openLeases.incrementAndGet();
        Carrier carrier = address.<Carrier>map(door -> new Carrier.Far(door, knock))
                .orElseGet(() -> new Carrier.Near(stand.endpoint()));
        return new Admission.Verdict.Open(
                carrier,
                stand.rules(),
                stand.inject(),
                new SeenLease(knock.session()),
                Optional.empty(),
                stand.fresh());
    }

    /// At the owner's door, where it isn't counted.
    private Admission.Verdict admitted(Knock knock) {
        Stand stand = stands.get(knock.session());
        if (stand == null || !mayEnter(stand, knock.by().user())) return new Admission.Verdict.Absent();
        return new Admission.Verdict.Open(stand.endpoint(), stand.rules(), List.of(), new Lease() {
            @Override
            public void sawInput(long bytes) {}

            @Override
            public void connections(int change) {}

            @Override
            public boolean stillAllowed() {
                return stands.containsKey(knock.session());
            }

            @Override
            public void close() {}
        });
    }

    private final class SeenLease implements Lease {
        private final SessionId id;

        SeenLease(SessionId id) {
            this.id = id;
        }

        @Override
        public void sawInput(long bytes) {
            input.addAndGet(bytes);
        }

        @Override
        public void connections(int change) {
            longConnections.addAndGet(change);
        }

        @Override
        public boolean stillAllowed() {
            return stands.containsKey(id);
        }

        @Override
        public void close() {
            openLeases.decrementAndGet();
        }
    }

    private final class SeenPages implements Pages {
        @Override
        public Answer portal(Request request) throws IOException, InterruptedException {
            return portal.answer(request);
        }

        @Override
        public Answer beside(Request request, Place.Beside place) {
            return Answer.text(200, "beside " + place.path() + "\n");
        }

        @Override
        public Answer besideService(Request request, Place.BesideService place) {
            return Answer.text(200, "beside " + place.app() + place.path() + "\n");
        }

        @Override
        public Answer instead(Request request, Place.InSession place, Hindrance hindrance) {
            hindered.add(new Hindered(place, hindrance));
            int status = switch (hindrance) {
                case Hindrance.Unproved unproved -> 401;
                case Hindrance.NotYet notYet -> 503;
                case Hindrance.Gone gone -> 410;
                case Hindrance.Absent absent -> 404;
                case Hindrance.Silent silent -> 502;
                case Hindrance.SigningOut out -> 303;
                case Hindrance.Refused refused -> refused.status();
            };
            return Answer.text(status, "instead\n");
        }
    }

    private final class NoViews implements Views {
        @Override
        public View current() {
            return new View(ended.get(), Map.copyOf(copies), Map.of(), List.of());
        }

        @Override
        public Feed<View> follow() {
            throw new UnsupportedOperationException("nobody follows here");
        }
    }

    @Override
    public void close() {
        gateway.close();
        between.ifPresent(FarSide::close);
    }
}
