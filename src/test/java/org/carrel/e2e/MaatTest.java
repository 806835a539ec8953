package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A balancer of Maât and its words, against the whole program started by root, and a real process named `rsession` of
/// another user of the machine.
@Needs(Thing.ROOT)
class MaatTest {
    private static final String USER = "games";

    @TempDir
    Path directory;

    /// As the old balancer asks: a `GET`, then the body as JSON where it is, else as text; no answer when it isn't 2xx.
    private record Balancer(HttpClient http, int port) {
        Optional<JsonNode> ask(String path) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .version(HttpClient.Version.HTTP_1_1)
                    .header("Accept", "*/*")
                    .header("Accept-Encoding", "gzip, deflate")
                    .timeout(Duration.ofSeconds(20))
                    .build();
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) return Optional.empty();
            try {
                return Optional.of(new ObjectMapper().readTree(answer.body()));
            } catch (JsonProcessingException text) {
                return Optional.of(new TextNode(answer.body()));
            }
        }

        JsonNode data() throws Exception {
            return ask("/v1/data").orElseThrow();
        }

        boolean addRequest(String user, int known, boolean force) throws Exception {
            return ask("/v1/new_requests/" + user + "/" + known + "/" + (force ? 1 : 0))
                    .orElseThrow()
                    .asBoolean();
        }
    }

    @Test
    void a_balancer_counts_a_process_of_another_user_from_its_request_to_its_end() throws Exception {
        int port = freePort();
        try (RunningCarrel carrel = RunningCarrel.up("faces: {maat: {listen: " + port + "}}\n");
                HttpClient http = HttpClient.newHttpClient()) {
            Balancer balancer = new Balancer(http, port);
            assertThat(balancer.ask("/ping").orElseThrow().asText()).isEqualTo("OK");
            assertThat(balancer.ask("/info").orElseThrow().path("process_name").asText())
                    .isEqualTo("rsession");
            JsonNode before = balancer.data();
            int nb = before.path("nb").asInt();
            assertThat(before.path("processes").has(USER)).isFalse();

            assertThat(balancer.addRequest(USER, nb + 3, false)).isFalse();
            assertThat(balancer.addRequest(USER, nb + 2, false)).isTrue();
            assertThat(balancer.addRequest(USER, nb + 1, false)).isFalse();
            JsonNode asked = balancer.data();
            assertThat(asked.path("requests").path(USER)).hasSize(1);
            assertThat(asked.path("nb").asInt()).isEqualTo(nb + 1);

            Process session = rsession();
            try {
                Await.until(
                        "its process", () -> balancer.data().path("processes").has(USER));
                JsonNode data = balancer.data();
                JsonNode process = data.path("processes").path(USER).path(0);
                assertThat(data.path("processes").path(USER)).hasSize(1);
                assertThat(data.path("requests").has(USER)).isFalse();
                assertThat(data.path("nb").asInt()).isEqualTo(nb + 1);
                assertThat(process.path("pid").asLong()).isEqualTo(session.pid());
                assertThat(process.path("username").asText()).isEqualTo(USER);
                assertThat(process.path("name").asText()).isEqualTo("rsession");
                assertThat(process.path("memory_info").path("rss").asLong()).isPositive();
                assertThat(process.path("num_threads").asInt()).isEqualTo(1);
                assertThat(process.path("cmdline").path(1).asText()).isEqualTo("600");
                assertThat(process.path("create_time").asDouble())
                        .isGreaterThan(asked.path("requests").path(USER).path(0).asDouble() - 0.02)
                        .isLessThan(data.path("timestamp").asDouble());
                // another user's, and root was given up
                assertThat(process.path("cwd").isNull()).isTrue();
                assertThat(process.path("exe").isNull()).isTrue();
                assertThat(balancer.addRequest(USER, nb + 1, false)).isFalse();
                assertThat(balancer.addRequest(USER, 0, true)).isTrue();
            } finally {
                session.destroyForcibly().waitFor();
            }
            Await.until("its end", () -> !balancer.data().path("processes").has(USER));
            assertThat(balancer.data().path("requests").path(USER)).hasSize(1);
            assertStrangersGetNothing(carrel, port);
        }
    }

    private static void assertStrangersGetNothing(RunningCarrel carrel, int port) throws Exception {
        String home = "127.0.0.1:" + port;
        for (List<String> refused : List.of(
                List.of("GET", "/v1/new_requests/ada/0/1", "evil.example", "421"),
                List.of("POST", "/v1/new_requests/ada/0/1", home, "405"),
                List.of("GET", "/v1/new_requests/ada/0/1\0", home, "400"),
                List.of("GET", "/v1/new_requests/../data", home, "400"),
                List.of("GET", "/v1/new_requests/ada/" + "9".repeat(5_000), home, "431"),
                List.of("GET", "/api/v1/sessions", home, "404"),
                List.of("GET", "/app/hello", home, "404"),
                List.of("GET", "/metrics", home, "404"))) {
            RawHttp answer = RawHttp.send(port, refused.get(2), refused.get(0), refused.get(1), "");
            assertThat(answer.statusLine())
                    .as(refused.get(1).substring(0, Math.min(40, refused.get(1).length())))
                    .contains(" " + refused.get(3) + " ");
        }
        // and the first port knows nothing of it
        assertThat(RawHttp.send(carrel.port, "localhost:" + carrel.port, "GET", "/v1/data", "")
                        .statusLine())
                .doesNotContain(" 200 ");
    }

    private Process rsession() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path program = directory.resolve("rsession");
        Files.copy(Path.of("/bin/sleep"), program);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new ProcessBuilder(
                        "setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", program.toString(), "600")
                .start();
    }

    private static int freePort() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }
}
