package org.carrel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.carrel.domain.node.NodeId;
import org.carrel.support.TestClock;
import org.carrel.trust.Invitations.Answer;
import org.carrel.trust.Issuer.Admitted;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tokens, what they are good for, and the certificates of nodes that can't sign.
class JoinByTokenTest {
    private static final Set<Role> BOTH = EnumSet.allOf(Role.class);
    private static final Set<Role> AGENT = Set.of(Role.AGENT);
    private static final List<String> DOORS = List.of("192.0.2.1:7443", "[2001:db8::1]:7443");

    @TempDir
    private Path temp;

    private final TestClock clock = new TestClock();
    private final List<Trust> opened = new ArrayList<>();
    private Trust inviting;
    private Issuer issuer;

    @BeforeEach
    void cluster() throws IOException {
        ClusterKey.make(temp.resolve("key"), new ClusterName("lab"), clock.instant());
        inviting = keep(Trust.open(temp.resolve("key"), temp.resolve("inviting"), BOTH, clock));
        issuer = inviting.issuer().orElseThrow();
    }

    @AfterEach
    void close() {
        opened.forEach(Trust::close);
    }

    private Trust keep(Trust trust) {
        opened.add(trust);
        return trust;
    }

    private JoinToken invite() {
        return invite(BOTH);
    }

    private JoinToken invite(Set<Role> roles) {
        return issuer.invitations().make(Duration.ofMinutes(15), roles, DOORS).orElseThrow();
    }

    private Newcomer newcomer(JoinToken token) throws IOException {
        return new Newcomer(token, temp.resolve("joined"), clock);
    }

    private Admitted admit(Newcomer newcomer) throws IOException {
        JoinToken token = newcomer.token();
        return issuer.admit(token.id(), token.secret(), newcomer.node(), _ -> false, newcomer.request());
    }

    private Trust joined() throws IOException {
        return joined(BOTH);
    }

    private Trust joined(Set<Role> roles) throws IOException {
        Newcomer newcomer = newcomer(invite(roles));
        Admitted.Welcome welcome = (Admitted.Welcome) admit(newcomer);
        newcomer.settle(welcome.certificate(), welcome.cluster(), welcome.secret(), DOORS, temp.resolve("key2"));
        assertThat(newcomer.roles()).isEqualTo(roles);
        return again(roles);
    }

    private Trust again(Set<Role> roles) throws IOException {
        return keep(Trust.open(temp.resolve("key2"), temp.resolve("joined"), roles, clock));
    }

    @Test
    void a_machine_invited_as_agent_is_one_and_knows_no_secret_of_gateways() throws Exception {
        Trust joined = joined(AGENT);
        assertThat(joined.roles()).isEqualTo(AGENT);
        assertThat(temp.resolve("key2/secret")).doesNotExist();
        ClusterKey part = ClusterKey.open(temp.resolve("key2"));
        assertThat(part.derived("cookies")).as("it can't sign a user in").isEmpty();
        assertThat(joined.derive(ClusterKey.CALLSIGNS)).isEqualTo(inviting.derive(ClusterKey.CALLSIGNS));
        joined.close();
        assertThatIOException()
                .isThrownBy(() -> again(BOTH))
                .withMessageContaining("invited as agent")
                .withMessageContaining("carrel invite --roles agent,gateway");
        Peer itself = Peer.of(joined.certificate()).orElseThrow();
        KeyPair keys = Certificates.newKeys();
        for (Set<Role> more : List.of(BOTH, Set.of(Role.GATEWAY), Set.<Role>of()))
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> issuer.renew(itself, more, SigningRequest.of(keys)))
                    .withMessageContaining("wasn't invited");
    }

    @Test
    void a_node_that_joined_gets_the_roles_of_its_settings_and_those_of_its_invitation_back() throws Exception {
        joined().close();
        Trust less = again(AGENT);
        assertThat(less.roles()).as("until another node has signed").isEqualTo(BOTH);
        less.renewBy(
                (request, roles) -> issuer.renew(Peer.of(less.certificate()).orElseThrow(), roles, request));
        less.renewIfDue();
        assertThat(less.roles()).isEqualTo(AGENT);
        less.close();
        Trust more = again(BOTH);
        more.renewBy(
                (request, roles) -> issuer.renew(Peer.of(more.certificate()).orElseThrow(), roles, request));
        more.renewIfDue();
        assertThat(more.roles()).isEqualTo(BOTH);
    }

    @Test
    void a_token_is_one_word_that_tells_everything_and_hides_its_secret_in_messages() {
        JoinToken token = invite();
        assertThat(token.text()).matches("carrel-join-[A-Za-z0-9_-]{100,400}");
        assertThat(JoinToken.of(" " + token.text() + "\n")).isEqualTo(token);
        assertThat(token.toString()).doesNotContain(token.secret());
        String text = token.text();
        for (String broken : List.of(
                "",
                "carrel_abc",
                "carrel-join-",
                "carrel-join-%%%",
                text.substring(0, 60),
                text.substring(0, text.length() - 9) + "!",
                text + "A".repeat(2_000)))
            assertThatIllegalArgumentException()
                    .as(broken)
                    .isThrownBy(() -> JoinToken.of(broken))
                    .withMessageNotContaining(token.secret());
    }

    @Test
    void a_token_is_good_once_for_its_time_and_with_its_secret() {
        Invitations invitations = issuer.invitations();
        assertThat(invitations.isAnyKnown()).isFalse();
        JoinToken token = invite();
        JoinToken other = invite();
        assertThat(invitations.redeem(token.id(), other.secret())).isEqualTo(Answer.UNKNOWN);
        assertThat(invitations.redeem("00000000", token.secret())).isEqualTo(Answer.UNKNOWN);
        assertThat(invitations.redeem(token.id(), token.secret())).isEqualTo(Answer.GOOD);
        assertThat(invitations.redeem(token.id(), token.secret())).isEqualTo(Answer.USED);
        clock.advance(Duration.ofMinutes(15));
        assertThat(invitations.redeem(other.id(), other.secret())).isEqualTo(Answer.OLD);
        assertThat(invitations.isAnyKnown()).isTrue();
        clock.advance(Duration.ofHours(24).plusMillis(1));
        assertThat(invitations.isAnyKnown()).isFalse();
        assertThat(invitations.redeem(other.id(), other.secret())).isEqualTo(Answer.UNKNOWN);
    }

    @Test
    void tokens_are_bounded_in_number_and_life() {
        for (int i = 0; i < Invitations.MOST; i++) invite();
        assertThat(issuer.invitations().make(Duration.ofMinutes(15), BOTH, DOORS))
                .isEmpty();
        clock.advance(Duration.ofMinutes(15));
        assertThat(issuer.invitations().make(Duration.ofMinutes(15), BOTH, DOORS))
                .isPresent();
        for (Duration life : List.of(Duration.ofSeconds(59), Duration.ofHours(25)))
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> issuer.invitations().make(life, BOTH, DOORS));
    }

    @Test
    void a_machine_that_joined_is_a_node_without_the_cluster_s_private_key() throws Exception {
        Trust joined = joined();
        assertThat(temp.resolve("key2/ca.key")).doesNotExist();
        assertThat(joined.issuer()).isEmpty();
        assertThat(joined.issuers()).isEqualTo(DOORS);
        assertThat(Peer.of(joined.certificate())).contains(new Peer(joined.node(), BOTH));
        joined.certificate()
                .verify(ClusterKey.open(temp.resolve("key")).certificate().getPublicKey());
        assertThat(joined.derive("cookies")).isEqualTo(inviting.derive("cookies"));
        assertThat(Files.getPosixFilePermissions(temp.resolve("key2/secret"))).hasSize(2);
        joined.close();
        assertThat(keep(Trust.open(temp.resolve("key2"), temp.resolve("joined"), BOTH, clock))
                        .certificate())
                .isEqualTo(joined.certificate());
    }

    @Test
    void what_came_from_somebody_else_is_not_settled_on() throws Exception {
        Newcomer newcomer = newcomer(invite());
        Admitted.Welcome welcome = (Admitted.Welcome) admit(newcomer);
        Path foreign = temp.resolve("foreign");
        ClusterKey.make(foreign, new ClusterName("lab"), clock.instant());
        byte[] other = ClusterKey.open(foreign).certificate().getEncoded();
        byte[] notMine = inviting.certificate().getEncoded();
        Path target = temp.resolve("key2");
        assertThatIOException()
                .isThrownBy(() -> newcomer.settle(welcome.certificate(), other, welcome.secret(), DOORS, target))
                .withMessageContaining("another cluster");
        assertThatIOException()
                .isThrownBy(() -> newcomer.settle(notMine, welcome.cluster(), welcome.secret(), DOORS, target))
                .withMessageContaining("another node");
        assertThatIOException()
                .isThrownBy(
                        () -> newcomer.settle(welcome.certificate(), welcome.cluster(), new byte[3], DOORS, target));
        assertThat(target).doesNotExist();
        assertThat(temp.resolve("joined/certificate.pem")).doesNotExist();
    }

    @Test
    void a_request_that_makes_no_sense_uses_up_no_token() throws Exception {
        Newcomer newcomer = newcomer(invite());
        JoinToken token = newcomer.token();
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        byte[] torn = newcomer.request();
        torn[torn.length - 1] ^= 1;
        for (byte[] request : List.of(
                new byte[0],
                new byte[5_000],
                torn,
                rsa.generateKeyPair().getPublic().getEncoded()))
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> issuer.admit(token.id(), token.secret(), newcomer.node(), _ -> false, request));
        assertThatIllegalArgumentException()
                .as("the inviting node's own id")
                .isThrownBy(() ->
                        issuer.admit(token.id(), token.secret(), inviting.node(), _ -> false, newcomer.request()));
        assertThatIllegalArgumentException()
                .as("the id of a member that is there")
                .isThrownBy(
                        () -> issuer.admit(token.id(), token.secret(), newcomer.node(), _ -> true, newcomer.request()));
        assertThat(admit(newcomer)).isInstanceOf(Admitted.Welcome.class);
        assertThat(admit(newcomer)).isEqualTo(new Admitted.Refused(Answer.USED));
    }

    @Test
    void a_node_that_joined_is_renewed_by_one_that_can_sign() throws Exception {
        Trust joined = joined();
        Peer itself = Peer.of(joined.certificate()).orElseThrow();
        var first = joined.certificate();
        clock.advance(Duration.ofDays(61));
        joined.renewIfDue();
        assertThat(joined.certificate()).as("nobody to ask yet").isEqualTo(first);
        joined.renewBy(
                (request, roles) -> issuer.renew(new Peer(new NodeId("0123456789abcdef"), BOTH), roles, request));
        joined.renewIfDue();
        assertThat(joined.certificate()).as("another node's").isEqualTo(first);
        KeyPair foreign = Certificates.newKeys();
        joined.renewBy((_, roles) -> issuer.renew(itself, roles, SigningRequest.of(foreign)));
        joined.renewIfDue();
        assertThat(joined.certificate()).as("of another key").isEqualTo(first);
        joined.renewBy((request, _) -> issuer.renew(itself, Set.of(Role.AGENT), request));
        joined.renewIfDue();
        assertThat(joined.certificate()).as("with other roles").isEqualTo(first);
        joined.renewBy((request, roles) -> issuer.renew(itself, roles, request));
        joined.renewIfDue();
        assertThat(joined.certificate()).isNotEqualTo(first);
        assertThat(joined.validUntil()).isAfter(clock.instant().plus(Duration.ofDays(89)));
        joined.close();
        assertThat(keep(Trust.open(temp.resolve("key2"), temp.resolve("joined"), BOTH, clock))
                        .certificate())
                .as("it is on disk too")
                .isEqualTo(joined.certificate());
    }

    @Test
    void without_a_certificate_that_holds_a_node_that_joined_says_what_to_do() throws Exception {
        joined().close();
        clock.advance(Duration.ofDays(90).plusSeconds(1));
        assertThatIOException()
                .isThrownBy(() -> Trust.open(temp.resolve("key2"), temp.resolve("joined"), BOTH, clock))
                .withMessageContaining("carrel invite");
        assertThatIOException()
                .as("the key directory alone, copied to another machine")
                .isThrownBy(() -> Trust.open(temp.resolve("key2"), temp.resolve("elsewhere"), BOTH, clock))
                .withMessageContaining("carrel invite");
    }

    @Test
    void a_key_directory_that_lost_its_private_key_is_damaged_and_not_one_that_joined() throws Exception {
        Files.delete(temp.resolve("key/ca.key"));
        assertThatIOException()
                .isThrownBy(() -> ClusterKey.open(temp.resolve("key")))
                .withMessageContaining("copy the whole key directory");
    }
}
