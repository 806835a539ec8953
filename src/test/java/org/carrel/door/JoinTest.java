package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.carrel.domain.node.Metadata;
import org.carrel.door.DoorCounts.Turned;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Audit;
import org.carrel.support.Await;
import org.carrel.support.FakeAgent;
import org.carrel.trust.JoinToken;
import org.carrel.trust.Newcomer;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Newcomers at a door, over real sockets: who becomes a node by a token, and who doesn't (attack 47).
class JoinTest {
    @TempDir
    private Path temp;

    private final List<Audit.Entry> audited = new CopyOnWriteArrayList<>();
    private Lab lab;
    private Trust inviting;
    private Door door;
    private JoinDesk desk;

    @BeforeEach
    void open() throws IOException {
        lab = new Lab(temp);
        inviting = lab.node("inviting", Lab.BOTH);
        desk = desk(inviting);
        door = door(inviting, desk);
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    private JoinDesk desk(Trust node) {
        return new JoinDesk(node.issuer().orElseThrow(), _ -> false, this::doors, audited::add);
    }

    private List<String> doors() {
        return List.of("127.0.0.1:" + door.address().getPort());
    }

    private Door door(Trust node, JoinDesk desk) throws IOException {
        FakeAgent agent = FakeAgent.withApps();
        AgentCalls calls = lab.keep(new AgentCalls(
                node.node(),
                FakeAgent.NODE,
                agent,
                agent,
                _ -> new Verdict.Absent(),
                _ -> Optional.empty(),
                change -> Metadata.NONE.with(change),
                (app, from) -> {
                    throw new IllegalArgumentException("no services here");
                }));
        node.issuer().ifPresent(calls::signsBy);
        return lab.keep(Door.open(
                new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0),
                DoorLimits.DEFAULT,
                node,
                _ -> new Verdict.Absent(),
                agent,
                calls,
                Optional.of(desk)));
    }

    private JoinToken invite() {
        return desk.invite(Duration.ofMinutes(15), Role.ALL).orElseThrow();
    }

    private Newcomer newcomer(JoinToken token, String name) throws IOException {
        return new Newcomer(token, temp.resolve(name), InstantSource.system());
    }

    private void assertRefused(JoinToken token, String why) {
        assertThatIOException()
                .isThrownBy(() -> JoinCall.join(newcomer(token, "stranger"), temp.resolve("strangers")))
                .withMessageContaining(why);
        assertThat(temp.resolve("strangers")).doesNotExist();
    }

    @Test
    void a_machine_with_a_token_becomes_a_node_that_others_call_and_that_is_renewed() throws Exception {
        Newcomer newcomer = newcomer(invite(), "joined");
        assertThat(JoinCall.join(newcomer, temp.resolve("key2")).value()).isEqualTo("lab");
        Trust joined =
                lab.keep(Trust.open(temp.resolve("key2"), temp.resolve("joined"), Lab.BOTH, InstantSource.system()));
        assertThat(joined.node()).isEqualTo(newcomer.node());
        PeerCalls calls = lab.keep(new PeerCalls(joined));
        Words.Known known = calls.call(
                door.address(),
                Words.SESSIONS,
                new Words.AskSessions(null, 0, null),
                Words.Known.class,
                Duration.ofSeconds(20));
        assertThat(known.nodeId()).isEqualTo(inviting.node().value());
        assertThat(audited).singleElement().satisfies(entry -> {
            assertThat(entry.what()).isEqualTo(Audit.What.NODE_JOIN);
            assertThat(entry.outcome()).isEqualTo(Audit.Entry.OK);
            assertThat(entry.more()).containsEntry("node", joined.node().value());
        });
        byte[] renewed = new FarRenewal(calls, () -> List.of(door.address())).renew(newcomer.request(), Role.ALL);
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(renewed));
        assertThat(certificate.getSubjectX500Principal().getName())
                .contains("CN=" + joined.node().value());
    }

    @Test
    void a_machine_invited_as_agent_gets_no_more_by_whatever_it_asks_for() throws Exception {
        JoinToken token =
                desk.invite(Duration.ofMinutes(15), Set.of(Role.AGENT)).orElseThrow();
        JoinCall.join(newcomer(token, "joined"), temp.resolve("key2"));
        Trust joined = lab.keep(
                Trust.open(temp.resolve("key2"), temp.resolve("joined"), Set.of(Role.AGENT), InstantSource.system()));
        PeerCalls calls = lab.keep(new PeerCalls(joined));
        FarRenewal renewal = new FarRenewal(calls, () -> List.of(door.address()));
        byte[] request = newcomer(token, "joined").request();
        assertThatIOException()
                .isThrownBy(() -> renewal.renew(request, Role.ALL))
                .withMessageContaining("wasn't invited for these roles");
        assertThat(renewal.renew(request, Set.of(Role.AGENT))).isNotEmpty();
        assertThatIOException()
                .isThrownBy(() -> calls.call(
                        door.address(),
                        Words.SESSIONS,
                        new Words.AskSessions(null, 0, null),
                        Words.Known.class,
                        Duration.ofSeconds(20)))
                .withMessageContaining("/v1/sessions is asked by nodes with the role gateway");
    }

    @Test
    void used_unknown_and_damaged_tokens_are_refused_counted_and_audited() throws Exception {
        JoinToken token = invite();
        JoinCall.join(newcomer(token, "joined"), temp.resolve("key2"));
        audited.clear();
        assertRefused(token, "used already");
        assertThat(audited).singleElement().satisfies(entry -> {
            assertThat(entry.outcome()).contains("used");
            assertThat(entry.more()).containsEntry("token", token.id());
            assertThat(entry.toString()).doesNotContain(token.secret());
        });
        assertRefused(
                new JoinToken(token.fingerprint(), token.id(), "0".repeat(32), token.expires(), token.doors()),
                "no such token");
        assertThat(door.counts().turned(Turned.JOIN)).isEqualTo(2);
    }

    @Test
    void a_door_of_another_cluster_never_hears_the_secret() throws Exception {
        Lab other = lab.keep(new Lab(temp.resolve("other")));
        Trust stranger = other.node("stranger", Lab.BOTH);
        JoinDesk strangers = desk(stranger);
        Door trap = door(stranger, strangers);
        strangers.invite(Duration.ofMinutes(15), Role.ALL).orElseThrow();
        JoinToken token = invite();
        JoinToken misled = new JoinToken(
                token.fingerprint(),
                token.id(),
                token.secret(),
                token.expires(),
                List.of("127.0.0.1:" + trap.address().getPort()));
        assertRefused(misled, "isn't of the token's cluster");
        assertThat(audited).as("nothing was said to it").isEmpty();
        assertThat(JoinCall.join(newcomer(token, "joined"), temp.resolve("key2"))
                        .value())
                .as("the token still holds")
                .isEqualTo("lab");
    }

    @Test
    void where_nobody_was_invited_nobody_without_a_certificate_gets_past_the_handshake() throws Exception {
        JoinToken guessed = new JoinToken(
                "0".repeat(64),
                "00000000",
                "0".repeat(32),
                InstantSource.system().instant(),
                doors());
        assertRefused(guessed, "didn't take this machine");
        assertThat(audited).isEmpty();
    }

    @Test
    void a_newcomer_reaches_nothing_but_the_desk() throws Exception {
        JoinToken token = invite();
        for (String alpn : List.of("carrel-api/1", "carrel-session/1", "h2", "http/1.1"))
            assertThatIOException().as(alpn).isThrownBy(() -> hello(token, Greeting.NEWCOMER, alpn));
        assertThatIOException()
                .as("by the usual way the desk isn't there")
                .isThrownBy(() -> hello(token, "n1.example", Joining.ALPN));
    }

    @Test
    void nonsense_is_refused_and_hung_up_on() throws Exception {
        JoinToken token = invite();
        for (String said : List.of(
                "{}",
                "[]",
                "null",
                "{\"id\":1",
                "x".repeat(100),
                "{\"id\":\"a\",\"secret\":\"b\"," + "\"node\":\"c\",\"request\":\"d\"}"))
            try (SSLSocket socket = hello(token, Greeting.NEWCOMER, Joining.ALPN)) {
                byte[] words = said.getBytes(StandardCharsets.UTF_8);
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeShort(words.length);
                out.write(words);
                out.flush();
                DataInputStream in = new DataInputStream(socket.getInputStream());
                String answer = new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.UTF_8);
                assertThat(answer).as(said).contains("refused").contains("\"certificate\":null");
                assertThat(in.read()).isEqualTo(-1);
            }
        try (SSLSocket socket = hello(token, Greeting.NEWCOMER, Joining.ALPN)) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(Joining.MESSAGE_MOST + 1);
            out.flush();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        Await.until("all are counted", () -> door.counts().turned(Turned.JOIN) == 7);
        assertThat(audited).as("one a second, not one each").hasSizeBetween(1, 6);
        assertThat(JoinCall.join(newcomer(token, "joined"), temp.resolve("key2"))
                        .value())
                .isEqualTo("lab");
    }

    @Test
    void newcomers_who_say_nothing_take_only_their_own_places_and_not_for_long() throws Exception {
        JoinToken token = invite();
        try (SSLSocket silent = hello(token, Greeting.NEWCOMER, Joining.ALPN)) {
            assertThat(silent.getInputStream().read()).as("hung up on").isEqualTo(-1);
        }
        int places = 0;
        while (desk.enter()) places++;
        assertThat(places).isLessThan(DoorLimits.DEFAULT.handshakes());
        try (SSLSocket crowded = hello(token, Greeting.NEWCOMER, Joining.ALPN)) {
            assertThat(crowded.getInputStream().read()).isEqualTo(-1);
        }
        desk.leave();
        assertThat(JoinCall.join(newcomer(token, "joined"), temp.resolve("key2"))
                        .value())
                .isEqualTo("lab");
    }

    private SSLSocket hello(JoinToken token, String name, String alpn) throws IOException {
        Socket plain = new Socket("127.0.0.1", door.address().getPort());
        plain.setSoTimeout(20_000);
        SSLSocket socket = (SSLSocket) newcomer(token, "stranger")
                .tls()
                .getSocketFactory()
                .createSocket(plain, "door", door.address().getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setApplicationProtocols(new String[] {alpn});
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
            // in TLS 1.3 what the server thinks of the client comes behind the handshake
            if (!alpn.equals(Joining.ALPN) || !name.equals(Greeting.NEWCOMER)) {
                if (socket.getInputStream().read() < 0) throw new IOException("hung up on");
            }
            return socket;
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }
}
