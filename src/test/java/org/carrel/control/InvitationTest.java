package org.carrel.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.carrel.api.ApiWords;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.http.Request.Proof;
import org.carrel.port.Audit;
import org.carrel.port.Invites.Invited;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.Test;

/// Who may let machines into the cluster.
class InvitationTest {
    private static final Instant LATER = Instant.parse("2026-11-22T12:15:00Z");
    private static final Principal ADMIN = new Principal(new UserId("root"), Set.of("admin"), Set.of(Scope.values()));

    private final ApiHouse house = new ApiHouse();

    private Answer.Whole invite(Principal by, Proof proof, String body) throws IOException, InterruptedException {
        return house.askMeant(
                TestRequest.post(ApiWords.INVITATIONS).by(by, proof).json(body));
    }

    @Test
    void only_the_machine_s_own_socket_gets_a_token() throws Exception {
        house.invited = new Invited.Token("carrel-join-abc", "0a1b2c3d", LATER);
        for (Proof proof : List.of(Proof.COOKIE, Proof.TOKEN, Proof.PASSWORD))
            assertThat(invite(ADMIN, proof, "{}").status()).as(proof.toString()).isEqualTo(403);
        assertThat(house.ask(TestRequest.post(ApiWords.INVITATIONS).json("{}")).status())
                .isEqualTo(401);
        assertThat(house.audited).isEmpty();
        Answer.Whole made = invite(ADMIN, Proof.LOCAL, "{\"expiresIn\":60,\"roles\":[\"agent\"]}");
        assertThat(house.invitedFor).containsExactly("agent");
        assertThat(made.status()).isEqualTo(201);
        assertThat(ApiHouse.body(made).path("token").asText()).isEqualTo("carrel-join-abc");
        assertThat(house.audited).singleElement().satisfies(entry -> {
            assertThat(entry.what()).isEqualTo(Audit.What.NODE_INVITED);
            assertThat(entry.more()).containsEntry("token", "0a1b2c3d").containsEntry("roles", "agent");
            assertThat(entry.toString()).doesNotContain("abc");
        });
    }

    @Test
    void bounds_and_obstacles_are_said() throws Exception {
        for (String body : List.of(
                "{\"expiresIn\":59}",
                "{\"expiresIn\":86401}",
                "{\"expires\":60}",
                "{\"roles\":[]}",
                "{\"roles\":[\"root\"]}"))
            assertThat(invite(ADMIN, Proof.LOCAL, body).status()).as(body).isEqualTo(400);
        house.invited = new Invited.Impossible("no cluster here");
        Answer.Whole impossible = invite(ADMIN, Proof.LOCAL, "{}");
        assertThat(impossible.status()).isEqualTo(409);
        assertThat(ApiHouse.body(impossible).path("detail").asText()).contains("no cluster here");
        house.invited = new Invited.Crowded();
        assertThat(invite(ADMIN, Proof.LOCAL, "{}").status()).isEqualTo(429);
        assertThat(house.audited).isEmpty();
    }
}
