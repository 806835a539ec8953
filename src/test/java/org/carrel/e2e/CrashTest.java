package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Promise 1: a session's process survives everything but its machine.
/// `-Dcarrel.rounds=20 -Dcarrel.sessions=20` runs the long form; CI runs a short one.
@Tag("real")
@Needs(Thing.R)
class CrashTest {
    private static final int ROUNDS = Integer.getInteger("carrel.rounds", 2);
    private static final int SESSIONS = Integer.getInteger("carrel.sessions", 8);
    private static final Pattern GLOBAL = Pattern.compile("\"total\":\"(\\d+)\"");

    @Test
    void sessions_serve_their_users_after_every_kill_of_carrel() throws Exception {
        long seed = Long.getLong("carrel.seed", System.nanoTime());
        Random random = new Random(seed);
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            Map<String, Long> pids = new TreeMap<>();
            lightApp(carrel);
            List<JsonNode> sessions = startAll(carrel);
            for (JsonNode session : sessions) pids.put(session.get("id").asText(), pidOf(session));
            String counted = sessions.getFirst().get("id").asText(); // ada's
            for (int round = 1; round <= ROUNDS; round++) {
                assertThat(countOnce(carrel, counted))
                        .as("round %d of seed %d", round, seed)
                        .isEqualTo(round);
                killAtARandomStepOfAStart(carrel, round, random);
                carrel.startAgain();
                for (var known : pids.entrySet()) {
                    JsonNode now = carrel.get("admin", "/api/v1/sessions/" + known.getKey());
                    assertThat(now.path("state").asText())
                            .as("session %s, round %d of seed %d: %s", known.getKey(), round, seed, now)
                            .isEqualTo("ready");
                    assertThat(pidOf(now)).isEqualTo(known.getValue());
                }
            }
        }
    }

    @Test
    void a_flipped_bit_in_any_record_loses_no_session() throws Exception {
        long seed = Long.getLong("carrel.seed", System.nanoTime());
        Random random = new Random(seed);
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            JsonNode session = carrel.start("ada", "counter", "default");
            long pid = pidOf(session);
            for (int round = 1; round <= ROUNDS; round++) {
                carrel.kill9();
                List<Path> records;
                try (var files = Files.walk(carrel.state())) {
                    records = files.filter(file -> Files.isRegularFile(file)
                                    && file.getFileName().toString().startsWith("record"))
                            .toList();
                }
                assertThat(records).isNotEmpty();
                Path victim = records.get(random.nextInt(records.size()));
                byte[] bytes = Files.readAllBytes(victim);
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(victim, bytes);
                carrel.startAgain();
                JsonNode now = carrel.get(
                        "ada", "/api/v1/sessions/" + session.get("id").asText());
                assertThat(now.path("state").asText())
                        .as("seed %d, %s", seed, victim.getFileName())
                        .isEqualTo("ready");
                assertThat(pidOf(now)).isEqualTo(pid);
            }
        }
    }

    /// The demo's counter, asking for so little that fifty have room on two cores.
    private static void lightApp(RunningCarrel carrel) throws Exception {
        Path app = Files.createDirectory(carrel.apps().resolve("light"));
        Files.writeString(app.resolve("carrel.yaml"), "cpu: 0.02\nmemory: 128 MiB\n");
        Files.copy(Path.of("demo/apps/counter/app.R"), app.resolve("app.R"));
        RunningCarrel.await("the app", () -> {
            try {
                return carrel.send("ada", "GET", "/api/v1/apps/light", "").statusCode() == 200;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private List<JsonNode> startAll(RunningCarrel carrel) throws Exception {
        List<JsonNode> sessions = new ArrayList<>();
        try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JsonNode>> asked = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                String user = i % 2 == 0 ? "ada" : "ben";
                String name = "desk" + i;
                asked.add(users.submit(() -> carrel.start(user, "light", name)));
            }
            for (Future<JsonNode> session : asked) sessions.add(session.get());
        }
        return sessions;
    }

    /// Another start is under way when the program dies, a little further each round: it must end as ready or as ended
    /// with its reason.
    private void killAtARandomStepOfAStart(RunningCarrel carrel, int round, Random random) throws Exception {
        var begun = carrel.send(
                "ben", "POST", "/api/v1/sessions", "{\"app\":\"counter\",\"name\":\"victim" + round + "\"}");
        assertThat(begun.statusCode()).as(begun.body()).isIn(200, 201);
        TimeUnit.MILLISECONDS.sleep(
                random.nextInt(1200)); // not a wait for anything: the moment of the kill is what varies
        carrel.kill9();
    }

    /// A ready session has its pid at once, after a start and after an adoption.
    private static long pidOf(JsonNode session) {
        assertThat(session.path("state").asText()).isEqualTo("ready");
        assertThat(session.path("pid").asLong()).as("pid of %s", session).isPositive();
        return session.path("pid").asLong();
    }

    /// A page comes, clicks once and goes. @return the count in R's global variable, which outlives pages
    private static int countOnce(RunningCarrel carrel, String id) throws Exception {
        try (RawWebSocket page = carrel.webSocket("ada", id, "/websocket/")) {
            assertThat(page.isOpen()).as(page.statusLine).isTrue();
            page.sendText(
                    "{\"method\":\"init\",\"data\":{\"count:shiny.action\":0,\".clientdata_output_total_hidden\":false,"
                            + "\".clientdata_output_page_hidden\":false,\".clientdata_pixelratio\":1,\".clientdata_url_pathname\":\"/\","
                            + "\".clientdata_url_search\":\"\",\".clientdata_singletons\":\"\"}}");
            page.await(text -> GLOBAL.matcher(text).find()).orElseThrow();
            page.sendText("{\"method\":\"update\",\"data\":{\"count:shiny.action\":1}}");
            String answer = page.await(text -> GLOBAL.matcher(text).find()).orElseThrow();
            Matcher matcher = GLOBAL.matcher(answer);
            assertThat(matcher.find()).isTrue();
            return Integer.parseInt(matcher.group(1));
        }
    }
}
