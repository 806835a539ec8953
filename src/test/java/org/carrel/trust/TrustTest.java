package org.carrel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.carrel.domain.node.NodeId;
import org.carrel.support.TestClock;
import org.carrel.trust.Refusals.Cause;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two nodes of one cluster over real sockets, and who isn't one.
class TrustTest {
    private static final Set<Role> BOTH = Set.of(Role.AGENT, Role.GATEWAY);

    @TempDir
    private Path temp;

    private final TestClock clock = new TestClock();
    private final List<Trust> opened = new ArrayList<>();
    private Path key;

    @BeforeEach
    void cluster() throws IOException {
        key = temp.resolve("key");
        ClusterKey.make(key, new ClusterName("lab"), clock.instant());
    }

    @AfterEach
    void close() {
        opened.forEach(Trust::close);
    }

    @Test
    void two_nodes_with_the_key_know_each_other_by_id_and_role() throws Exception {
        Trust one = node("one", Set.of(Role.GATEWAY));
        Trust two = node("two", Set.of(Role.AGENT));
        Met met = meet(one.mutual(Set.of(Role.AGENT)), two.mutual(Set.of(Role.GATEWAY)));
        assertThat(met.bySeer()).contains(new Peer(two.node(), Set.of(Role.AGENT)));
        assertThat(met.byServer()).contains(new Peer(one.node(), Set.of(Role.GATEWAY)));
        assertThat(met.protocol()).isEqualTo("TLSv1.3");
    }

    @Test
    void whoever_shows_no_certificate_is_refused_by_the_server() throws Exception {
        Trust one = node("one", BOTH);
        SSLContext without = SSLContext.getInstance("TLSv1.3");
        without.init(new KeyManager[0], new TrustManager[] {one.mutual(BOTH).trustManager()}, null);
        assertThatThrownBy(() -> meet(without, one.mutual(BOTH))).isInstanceOf(IOException.class);
    }

    @Test
    void a_node_of_another_cluster_with_the_same_name_is_refused_by_both_sides() throws Exception {
        Path foreign = temp.resolve("foreign");
        ClusterKey.make(foreign, new ClusterName("lab"), clock.instant());
        Trust stranger = keep(Trust.open(foreign, temp.resolve("stranger"), BOTH, clock));
        Trust one = node("one", BOTH);
        assertThatThrownBy(() -> meet(stranger.mutual(BOTH), one.mutual(BOTH))).isInstanceOf(IOException.class);
        assertThat(stranger.refusals().count(Cause.FOREIGN)).isEqualTo(1);
        assertThatThrownBy(() -> meet(trusting(stranger), one.mutual(BOTH))).isInstanceOf(IOException.class);
        assertThat(one.refusals().count(Cause.FOREIGN)).isEqualTo(1);
    }

    @Test
    void a_role_the_certificate_does_not_give_is_refused() throws Exception {
        Trust agent = node("agent", Set.of(Role.AGENT));
        Trust one = node("one", BOTH);
        assertThatThrownBy(() -> meet(agent.mutual(BOTH), one.mutual(Set.of(Role.GATEWAY))))
                .isInstanceOf(IOException.class);
        assertThat(one.refusals().count(Cause.ROLE)).isEqualTo(1);
    }

    @Test
    void expired_and_early_certificates_are_refused_and_counted_apart() throws Exception {
        Trust one = node("one", BOTH);
        Instant now = clock.instant();
        refused(one, made(now.minus(Duration.ofDays(2)), now));
        assertThat(one.refusals().count(Cause.EXPIRED)).isEqualTo(1);
        refused(one, made(now.plusSeconds(1), now.plus(Duration.ofDays(2))));
        assertThat(one.refusals().count(Cause.EARLY)).isEqualTo(1);
    }

    @Test
    void a_certificate_of_the_cluster_that_is_no_nodes_is_refused() throws Exception {
        Trust one = node("one", BOTH);
        ClusterKey cluster = ClusterKey.open(key);
        PeerCheck check = (PeerCheck) one.mutual(BOTH).trustManager();
        assertThatThrownBy(() -> check.checkClientTrusted(new X509Certificate[] {cluster.certificate()}, "EC"))
                .hasMessageContaining("no certificate of a node");
        assertThat(one.refusals().count(Cause.SHAPE)).isEqualTo(1);
    }

    @Test
    void at_two_thirds_of_its_life_a_certificate_is_renewed_under_way() throws Exception {
        Trust one = node("one", BOTH);
        Trust two = node("two", BOTH);
        Mutual seer = one.mutual(BOTH);
        Mutual server = two.mutual(BOTH);
        X509Certificate first = two.certificate();
        clock.advance(Duration.ofDays(59));
        two.renewIfDue();
        assertThat(two.certificate()).isEqualTo(first);
        clock.advance(Duration.ofDays(2));
        two.renewIfDue();
        one.renewIfDue();
        assertThat(two.certificate()).isNotEqualTo(first);
        clock.advance(Duration.ofDays(50));
        assertThat(meet(seer, server).bySeer())
                .as("the first one would have expired")
                .contains(new Peer(two.node(), BOTH));
        two.close();
        assertThat(node("two", BOTH).certificate()).as("it is on disk too").isEqualTo(two.certificate());
    }

    @Test
    void a_certificate_made_when_the_clock_was_wrong_is_made_anew() throws Exception {
        Trust one = node("one", BOTH);
        X509Certificate first = one.certificate();
        clock.advance(Duration.ofDays(-400));
        one.renewIfDue();
        assertThat(one.certificate()).isNotEqualTo(first);
        clock.advance(Duration.ofDays(400));
        one.renewIfDue();
        assertThat(meet(node("two", BOTH).mutual(BOTH), one.mutual(BOTH)).bySeer())
                .isPresent();
    }

    @Test
    void a_certificate_has_the_roles_of_the_settings_and_is_made_anew_when_they_change() throws Exception {
        for (Set<Role> roles : List.of(BOTH, Set.of(Role.AGENT), Set.of(Role.GATEWAY), BOTH)) {
            Trust one = node("one", roles);
            assertThat(Peer.of(one.certificate()).orElseThrow().roles()).isEqualTo(roles);
            assertThat(one.roles()).isEqualTo(roles);
            one.close();
            assertThat(node("one", roles).certificate()).as("and stays").isEqualTo(one.certificate());
        }
    }

    @Test
    void a_damaged_certificate_is_made_anew_and_so_is_one_of_another_cluster() throws Exception {
        node("one", BOTH).close();
        Path file = temp.resolve("one/certificate.pem");
        byte[] sound = Files.readAllBytes(file);
        for (byte[] content : new byte[][] {{}, java.util.Arrays.copyOf(sound, sound.length / 2), new byte[300]}) {
            Files.write(file, content);
            assertThat(node("one", BOTH).certificate()).isNotNull();
        }
        Path foreign = temp.resolve("foreign");
        ClusterKey.make(foreign, new ClusterName("lab"), clock.instant());
        Trust moved = keep(Trust.open(foreign, temp.resolve("one"), BOTH, clock));
        moved.certificate().verify(ClusterKey.open(foreign).certificate().getPublicKey());
    }

    @Test
    void a_copied_card_gets_a_certificate_of_its_own() throws Exception {
        Path directory = temp.resolve("card");
        ClusterKey cluster = ClusterKey.open(key);
        Machine here = new Machine(Optional.empty(), Set.of("1111111111111111"));
        Machine there = new Machine(Optional.empty(), Set.of("2222222222222222"));
        Trust first = keep(Trust.open(cluster, NodeIdentity.open(directory, here), directory, BOTH, clock));
        Trust copy = keep(Trust.open(cluster, NodeIdentity.open(directory, there), directory, BOTH, clock));
        assertThat(Peer.of(copy.certificate()).orElseThrow().node())
                .isEqualTo(copy.node())
                .isNotEqualTo(first.node());
    }

    @Test
    void a_resumed_session_is_asked_again_and_an_expired_peer_found_out() throws Exception {
        Trust one = node("one", BOTH);
        Trust two = node("two", BOTH);
        Mutual seer = one.mutual(BOTH);
        try (SSLServerSocket listener = listener(two.mutual(BOTH));
                SSLSocket socket = dial(seer.context(), listener)) {
            CompletableFuture<Void> served = serve(listener, session -> null).thenAccept(nothing -> {});
            socket.startHandshake();
            assertThat(seer.peer(socket.getSession())).isPresent();
            clock.advance(Duration.ofDays(91));
            assertThat(seer.peer(socket.getSession())).isEmpty();
            socket.close();
            served.get();
        }
        assertThat(one.refusals().count(Cause.EXPIRED)).isEqualTo(1);
    }

    private void refused(Trust by, SSLContext who) {
        assertThatThrownBy(() -> meet(who, by.mutual(BOTH))).isInstanceOf(IOException.class);
    }

    /// @param bySeer who the client saw
    record Met(Optional<Peer> bySeer, Optional<Peer> byServer, String protocol) {}

    private static Met meet(Mutual client, Mutual server) throws Exception {
        try (SSLServerSocket listener = listener(server);
                SSLSocket socket = dial(client.context(), listener)) {
            CompletableFuture<Optional<Peer>> served = serve(listener, server::peer);
            socket.startHandshake();
            int answered = socket.getInputStream().read();
            Optional<Peer> seen = client.peer(socket.getSession());
            if (answered < 0) throw new IOException("hung up on");
            return new Met(seen, served.get(), socket.getSession().getProtocol());
        }
    }

    private static void meet(SSLContext client, Mutual server) throws Exception {
        try (SSLServerSocket listener = listener(server);
                SSLSocket socket = dial(client, listener)) {
            CompletableFuture<Optional<Peer>> served = serve(listener, server::peer);
            socket.startHandshake();
            if (socket.getInputStream().read() < 0) throw new IOException("hung up on");
            served.get();
        }
    }

    private static SSLServerSocket listener(Mutual server) throws IOException {
        SSLServerSocket listener = (SSLServerSocket)
                server.context().getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        listener.setNeedClientAuth(true);
        return listener;
    }

    private static SSLSocket dial(SSLContext client, SSLServerSocket listener) throws IOException {
        SSLSocket socket = (SSLSocket)
                client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private interface Look {
        Optional<Peer> at(javax.net.ssl.SSLSession session);
    }

    private static CompletableFuture<Optional<Peer>> serve(SSLServerSocket listener, Look look) {
        CompletableFuture<Optional<Peer>> seen = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (SSLSocket socket = (SSLSocket) listener.accept()) {
                socket.setSoTimeout(10_000);
                socket.startHandshake();
                socket.getOutputStream().write(1);
                // told before the socket is closed: closing waits for the other side to close too
                seen.complete(look.at(socket.getSession()));
            } catch (IOException refused) {
                seen.complete(Optional.empty());
            }
        });
        return seen;
    }

    /// a certificate of this cluster with another life, as its holder would use it
    private SSLContext made(Instant from, Instant until) throws Exception {
        ClusterKey cluster = ClusterKey.open(key);
        KeyPair keys = Certificates.newKeys();
        return holding(
                keys,
                Certificates.ofNode(cluster, new NodeId("0123456789abcdef"), BOTH, keys.getPublic(), from, until));
    }

    /// its certificate, without its doubts about ours
    private static SSLContext trusting(Trust stranger) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(
                new KeyManager[] {stranger.mutual(BOTH).keyManager()}, new TrustManager[] {new TrustingAll()}, null);
        return context;
    }

    private static SSLContext holding(KeyPair keys, X509Certificate certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", keys.getPrivate(), new char[0], new X509Certificate[] {certificate});
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(factory.getKeyManagers(), new TrustManager[] {new TrustingAll()}, null);
        return context;
    }

    private static final class TrustingAll extends javax.net.ssl.X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String how) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String how) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String how, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String how, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String how, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String how, javax.net.ssl.SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private Trust node(String name, Set<Role> roles) throws IOException {
        return keep(Trust.open(key, temp.resolve(name), roles, clock));
    }

    private Trust keep(Trust trust) {
        opened.add(trust);
        return trust;
    }
}
