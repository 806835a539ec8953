package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `carrel upgrade` under load: nobody is refused, reset or cut, no request is lost or done twice, no session ends.
/// `-Dcarrel.rounds=20` runs the long form; CI runs a short one.
@Tag("slow")
class HotRestartTest {
    private static final int ROUNDS = Integer.getInteger("carrel.rounds", 2);
    private static final int CLIENTS = 6;
    private static final int SOCKETS = 4;

    @Test
    void nobody_notices_an_upgrade() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            upgradeUnderLoad(carrel);
        }
    }

    private static void upgradeUnderLoad(RunningCarrel carrel) throws Exception {
        try {
            JsonNode session = carrel.start("ada", "hello", "default");
            String id = session.get("id").asText();
            String host = id + ".localhost:" + carrel.port;
            String token = "Authorization: Bearer " + carrel.token("ada");
            String who = carrel.raw("ada", id, "GET", "/who", "");
            AtomicBoolean over = new AtomicBoolean();
            List<SteadyUse> uses = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++)
                uses.add(SteadyUse.requests(carrel.port, host, "/count", over, token, "Origin: http://" + host));
            uses.add(SteadyUse.fresh(carrel.port, over));
            for (int i = 0; i < SOCKETS; i++) uses.add(SteadyUse.echo(carrel.webSocket("ada", id, "/echo"), over));
            uses.add(SteadyUse.stream(carrel.port, host, "/ticks", over, token));
            uses.forEach(SteadyUse::start);
            for (int round = 1; round <= ROUNDS; round++) {
                for (SteadyUse use : uses) use.awaitMore();
                long before = carrel.pid();
                String said = carrel.upgrade();
                assertThat(carrel.pid()).as(said).isNotEqualTo(before);
                for (SteadyUse use : uses) use.awaitMore();
            }
            over.set(true);
            long counted = 0;
            long longest = 0;
            for (SteadyUse use : uses) {
                use.join();
                if (use.name().startsWith("requests")) counted += use.done();
                longest = Math.max(longest, use.longestMillis());
            }
            System.out.println("hot restart rounds=" + ROUNDS + " requests=" + counted + " longest_wait_ms=" + longest);
            assertThat(uses).allSatisfy(use -> assertThat(use.troubles()).isEmpty());
            assertThat(carrel.raw("ada", id, "GET", "/count", "")).contains("\"count\":" + counted);
            assertThat(pid(carrel.raw("ada", id, "GET", "/who", ""))).isEqualTo(pid(who));
        } catch (AssertionError failure) {
            throw carrel.explained(failure);
        }
    }

    private static String pid(String who) {
        int at = who.indexOf("\"pid\":");
        assertThat(at).as(who).isNotNegative();
        return who.substring(at, who.indexOf(',', at));
    }
}
