package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Test;

/// Whoever runs a Carrel looks after it from a shell of its machine, without a password or a token.
@Needs(Thing.PERL)
class LocalSocketTest {
    @Test
    void commands_on_the_machine_need_no_token_and_stand_in_the_audit_log() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.up("")) {
            TestApp.drop(carrel, "apps/traffic");
            String id = carrel.start("ada", "traffic", "default").get("id").asText();
            assertListed(carrel, id);
            carrel.upgrade();
            assertListed(carrel, id);
            carrel.kill9();
            carrel.startAgain();
            assertListed(carrel, id);
            RunningCarrel.Said refused = carrel.command("start", "traffic");
            assertThat(refused.status()).as(refused.said()).isEqualTo(1);
            assertThat(refused.said()).contains("send a token");
            RunningCarrel.Said stopped = carrel.command("stop", "traffic", "--yes");
            assertThat(stopped.status()).as(stopped.said()).isZero();
            assertThat(carrel.get("ada", "/api/v1/sessions/" + id).path("state").asText())
                    .isEqualTo("ended");
            Path audit = carrel.state().resolve("n/audit/audit.jsonl");
            RunningCarrel.await(
                    "the audit log", () -> lineOf(audit, "session-stop").contains("\"local\""));
        }
    }

    private static void assertListed(RunningCarrel carrel, String id) throws Exception {
        RunningCarrel.Said said = carrel.command("sessions", "--json");
        assertThat(said.status()).as(said.said()).isZero();
        JsonNode session =
                new ObjectMapper().readTree(said.said()).path("items").path(0);
        assertThat(session.path("id").asText()).isEqualTo(id);
        assertThat(session.path("owner").asText()).isEqualTo("ada");
        assertThat(session.path("url").asText()).contains(id + ".localhost:" + carrel.port);
    }

    private static String lineOf(Path file, String what) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.contains(what)).findFirst().orElse("");
        } catch (java.io.IOException notYet) {
            return "";
        }
    }
}
