package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Promise 3: capacity and "one session for a key" are decided in one place, whoever asks and however often at once.
@Tag("real")
class ManyStartsTest {
    private static final int CAPACITY = 8;
    private static final List<String> USERS = List.of("ada", "ben", "cleo", "dana", "eli", "fay", "gus", "hal");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void a_hundred_starts_at_once_give_never_more_than_there_is_room_for_and_never_two_for_a_key() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo("--sessions", Integer.toString(CAPACITY));
                ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
            addUsers(carrel);
            for (String user : USERS) carrel.token(user);
            List<Future<HttpResponse<String>>> asked = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                String user = USERS.get(i % USERS.size());
                String name = "n" + i / USERS.size() % 4; // 32 keys, each asked about three times
                asked.add(users.submit(() -> carrel.send(
                        user, "POST", "/api/v1/sessions", "{\"app\":\"hello\",\"name\":\"" + name + "\"}")));
            }
            Map<String, String> idOfKey = new HashMap<>();
            int refused = 0;
            for (Future<HttpResponse<String>> one : asked) {
                HttpResponse<String> answer = one.get();
                JsonNode body = JSON.readTree(answer.body());
                if (answer.statusCode() == 503) {
                    refused++;
                    assertThat(body.path("detail").asText())
                            .as("a refusal says why")
                            .contains("session");
                    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                    continue;
                }
                assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
                String key =
                        body.path("owner").asText() + "/" + body.path("name").asText();
                assertThat(idOfKey.merge(key, body.path("id").asText(), (a, b) -> a.equals(b) ? a : a + " and " + b))
                        .as("sessions of " + key)
                        .doesNotContain(" and ");
                String state = body.path("state").asText();
                assertThat(state).isIn("reserved", "starting", "ready");
                if (state.equals("reserved"))
                    assertThat(body.path("ahead").isInt())
                            .as("its place in line")
                            .isTrue();
            }
            assertThat(idOfKey).hasSize(CAPACITY);
            assertThat(refused).isPositive();
            JsonNode live = carrel.get("admin", "/api/v1/sessions?all=true").path("items");
            assertThat(live.findValuesAsText("state").stream().filter(state -> !state.equals("ended")))
                    .hasSizeLessThanOrEqualTo(CAPACITY);
            for (var session : idOfKey.entrySet())
                carrel.awaitState(session.getKey().split("/")[0], session.getValue(), "ready");
        }
    }

    /// Six more beside ada and ben, in the file of a running program, with ada's password.
    private static void addUsers(RunningCarrel carrel) throws Exception {
        Path file;
        try (var all = Files.walk(carrel.state())) {
            file = all.filter(it -> it.getFileName().toString().equals("users"))
                    .findFirst()
                    .orElseThrow();
        }
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        String adas = lines.stream()
                .filter(line -> line.startsWith("ada:"))
                .findFirst()
                .orElseThrow();
        for (String user : USERS.subList(2, USERS.size())) lines.add(user + adas.substring(3));
        Files.write(file, lines);
        RunningCarrel.await("the users are known", () -> carrel.outputText().contains("users=" + lines.size()));
    }
}
