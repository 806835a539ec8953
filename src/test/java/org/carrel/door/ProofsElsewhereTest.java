package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.auth.Account;
import org.carrel.auth.Auth;
import org.carrel.domain.app.AppId;
import org.carrel.domain.route.Origin;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.Header;
import org.carrel.http.RequestId;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Audit;
import org.carrel.port.Begun;
import org.carrel.port.HandOverCodes;
import org.carrel.port.Identities.Identity;
import org.carrel.support.Await;
import org.carrel.support.FakeAgent;
import org.carrel.support.TestRequest;
import org.carrel.trust.Refusals.Cause;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sign-outs and hand-over codes over real doors.
class ProofsElsewhereTest {
    private static final UserId ADA = new UserId("ada");
    private static final Account ACCOUNT = new Account(ADA, Set.of(), "1");

    @TempDir
    private Path temp;

    private final FakeAgent agent = FakeAgent.withApps();
    private final FakeAgent mine = new FakeAgent(0);
    private Lab lab;
    private Auth owners;
    private Auth gateways;
    private Trust owner;
    private Trust gateway;

    @BeforeEach
    void open() throws Exception {
        lab = new Lab(temp);
        owner = lab.node("owner", Lab.BOTH);
        gateway = lab.node("gateway", Lab.BOTH);
        owners = auth("owner-auth", owner);
        gateways = auth("gateway-auth", gateway);
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    private Auth auth(String name, Trust node) throws IOException {
        return lab.keep(Auth.open(
                temp.resolve(name),
                Optional.of(node.derive("cookies")),
                user -> Optional.of(ACCOUNT),
                List.of(),
                InstantSource.system(),
                Audit.NONE));
    }

    private Door door(Trust node, Auth auth) throws IOException {
        Calls answers = new ProofCalls(node.node(), agent, auth.proofs(), auth.codes());
        Calls sessions = lab.sessionsOf(node, agent);
        return lab.door(node, DoorLimits.DEFAULT, knock -> new Verdict.Absent(), agent, sessions.or(answers));
    }

    private ProofNews news(Trust node, Auth auth, List<InetSocketAddress> doors) {
        PeerCalls calls = lab.keep(new PeerCalls(node));
        return lab.keep(new ProofNews(node.node(), lab.lookout(), () -> doors, calls, auth.proofs()));
    }

    @Test
    void a_sign_out_reaches_the_other_gateway_and_so_does_what_it_missed() throws Exception {
        TestRequest first = signedIn();
        TestRequest second = signedIn();
        Door door = door(owner, owners);
        List<InetSocketAddress> doors = List.of(door.address());
        ProofNews news = news(gateway, gateways, doors);
        assertThat(holds(gateways, first)).isTrue();
        owners.signOut(first);
        Await.until("it is out at the other gateway", () -> !holds(gateways, first));
        news.close(); // cut off
        owners.signOut(second);
        assertThat(holds(gateways, second)).isTrue();
        news(gateway, gateways, doors);
        Await.until("it hears what it missed", () -> !holds(gateways, second));
    }

    @Test
    void only_a_gateway_of_the_cluster_is_listened_to() throws Exception {
        TestRequest request = signedIn();
        owners.signOut(request);
        // an agent that was taken over could make administrators' tokens
        Door wrongRole = door(lab.node("agent-alone", Set.of(Role.AGENT)), owners);
        try (Lab others = new Lab(Files.createDirectory(temp.resolve("others")))) {
            Trust stranger = others.node("stranger", Lab.BOTH);
            Door strange = door(stranger, owners);
            news(gateway, gateways, List.of(wrongRole.address(), strange.address()));
            Await.until(
                    "both were tried",
                    () -> wrongRole.counts().connections() > 0
                            && gateway.refusals().count(Cause.FOREIGN) > 0);
            PeerCalls calls = lab.keep(new PeerCalls(gateway));
            assertThatExceptionOfType(OtherRole.class)
                    .isThrownBy(() -> calls.call(
                            wrongRole.address(),
                            Words.PROOFS,
                            new Words.AskProofs("", 0, 0),
                            Words.Proofs.class,
                            Duration.ofSeconds(20)));
        }
        assertThat(holds(gateways, request)).isTrue();
    }

    @Test
    void a_code_is_made_through_one_gateway_and_used_once_through_another() throws Exception {
        Session session = begun();
        HandOverCodes far = far(door(owner, owners));
        HandOverCodes here = owners.codes();
        TestRequest origin = TestRequest.get("/");
        var begun = gateways.handOver().begin(origin);
        TestRequest browser =
                origin.with("Cookie", pair(begun.cookie().orElseThrow().value()));
        String code = gateways.promise(far, signedIn(), session.id(), begun.challenge())
                .orElseThrow();
        // used at the owner's own gateway: the other one knows that it was
        Optional<Header> cookie = owners.handOver().redeem(here, code, session.id(), browser);
        assertThat(cookie).isPresent();
        assertThat(gateways.handOver().redeem(far, code, session.id(), browser)).isEmpty();
        TestRequest inside =
                TestRequest.get("/").with("Cookie", pair(cookie.get().value()));
        assertThat(gateways.identities().identify(inside, new Origin.OfSession(session.id())))
                .isInstanceOf(Identity.Known.class);
    }

    @Test
    void a_code_is_of_no_use_without_its_browser_for_another_session_or_at_the_wrong_node() throws Exception {
        Session session = begun();
        HandOverCodes far = far(door(owner, owners));
        TestRequest origin = TestRequest.get("/");
        var begun = gateways.handOver().begin(origin);
        TestRequest browser =
                origin.with("Cookie", pair(begun.cookie().orElseThrow().value()));
        SessionId other = SessionId.of(new byte[10]);
        for (TestRequest wrong : List.of(origin, origin.with("Cookie", "carrel_verifier=" + "x".repeat(43)))) {
            String code = promised(far, session, begun.challenge());
            assertThat(gateways.handOver().redeem(far, code, session.id(), wrong))
                    .isEmpty();
            assertThat(gateways.handOver().redeem(far, code, session.id(), browser))
                    .as("a try uses it up")
                    .isEmpty();
        }
        String code = promised(far, session, begun.challenge());
        assertThat(gateways.handOver().redeem(gateways.codes(), code, session.id(), browser))
                .isEmpty();
        assertThat(gateways.handOver().redeem(far, code, other, browser)).isEmpty();
        assertThat(gateways.promise(far, signedIn(), other, begun.challenge()))
                .as("nobody has that session")
                .isEmpty();
        assertThat(gateways.promise(far, signedIn(), session.id(), "no challenge"))
                .isEmpty();
    }

    @Test
    void the_node_that_keeps_a_code_cannot_make_another_user_of_it() throws Exception {
        Session session = begun();
        TestRequest origin = TestRequest.get("/");
        var begun = gateways.handOver().begin(origin);
        TestRequest browser =
                origin.with("Cookie", pair(begun.cookie().orElseThrow().value()));
        String forged = "mallory|l|1|0|0|9999999999||";
        String code =
                owners.codes().promise(session.id(), begun.challenge(), forged).orElseThrow();
        assertThat(gateways.handOver().redeem(owners.codes(), code, session.id(), browser))
                .isEmpty();
    }

    private String promised(HandOverCodes codes, Session session, String challenge) throws Exception {
        return gateways.promise(codes, signedIn(), session.id(), challenge).orElseThrow();
    }

    private Session begun() throws InterruptedException {
        Begun begun = agent.begin(new SessionKey(ADA, new AppId("faithful"), "default"), new RequestId("once"));
        assertThat(begun).isInstanceOf(Begun.Granted.class);
        return ((Begun.Granted) begun).session();
    }

    private HandOverCodes far(Door door) throws Exception {
        PeerCalls calls = lab.keep(new PeerCalls(gateway));
        Neighbours neighbours =
                lab.keep(new Neighbours(gateway.node(), mine, lab.lookout(), () -> List.of(door.address()), calls));
        Await.until(
                "the session is known", () -> !neighbours.current().sessions().isEmpty());
        return new ClusterCodes(mine, gateways.codes(), neighbours, calls);
    }

    private TestRequest signedIn() {
        return TestRequest.get("/")
                .with(
                        "Cookie",
                        pair(owners.welcome(ACCOUNT, TestRequest.get("/")).value()));
    }

    private static String pair(String setCookie) {
        return setCookie.substring(0, setCookie.indexOf(';'));
    }

    private static boolean holds(Auth at, TestRequest request) {
        return at.identities().identify(request, Origin.PORTAL) instanceof Identity.Known;
    }
}
