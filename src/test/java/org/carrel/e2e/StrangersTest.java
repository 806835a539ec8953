package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Promise 2: nobody ever sees another user's session. Ways in: host name and path; HTTP, WebSocket, server-sent
/// events.
@Tag("real")
class StrangersTest {
    @Test
    void another_user_finds_nothing_where_a_session_is() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            JsonNode session = carrel.start("ada", "hello", "default");
            String id = session.get("id").asText();
            String own = id + ".localhost:" + carrel.port;
            String bare = "127.0.0.1:" + carrel.port;
            String hers = "Authorization: Bearer " + carrel.token("ada");

            assertThat(status(carrel.port, own, "GET", "/who", hers))
                    .as("the owner, by host name")
                    .contains(" 200 ");
            assertThat(status(carrel.port, bare, "GET", "/s/" + id + "/who", hers))
                    .as("the owner, by path")
                    .contains(" 200 ");

            List<String> strangers = new ArrayList<>(List.of("X-Nobody: 1", "Authorization: Bearer carrel_forged"));
            for (String user : List.of("ben", "admin")) strangers.add("Authorization: Bearer " + carrel.token(user));
            for (String stranger : strangers) {
                for (String method : List.of("GET", "HEAD", "POST", "OPTIONS", "DELETE")) {
                    assertNothing(status(carrel.port, own, method, "/who", stranger), stranger + " by host, " + method);
                    assertNothing(
                            status(carrel.port, bare, method, "/s/" + id + "/who", stranger),
                            stranger + " by path, " + method);
                }
                assertNothing(
                        status(carrel.port, own, "GET", "/ticks", stranger, "Accept: text/event-stream"),
                        stranger + " by events");
                for (String[] way : new String[][] {{own, "/echo"}, {bare, "/s/" + id + "/echo"}})
                    try (RawWebSocket socket =
                            new RawWebSocket(carrel.port, way[0], way[1], stranger, "Origin: http://" + way[0])) {
                        assertNothing(socket.statusLine, stranger + " by WebSocket");
                    }
                assertNothing(
                        status(
                                carrel.port,
                                "localhost:" + carrel.port,
                                "GET",
                                "/api/v1/sessions/" + id + "/logs",
                                "X: 1"),
                        stranger + " by the log");
            }
            assertThat(carrel.send("ben", "GET", "/api/v1/sessions/" + id, "").statusCode())
                    .isEqualTo(404);
            assertThat(carrel.send("ben", "DELETE", "/api/v1/sessions/" + id, "")
                            .statusCode())
                    .isEqualTo(404);
            assertThat(carrel.get("ada", "/api/v1/sessions/" + id).path("state").asText())
                    .isEqualTo("ready");
        }
    }

    /// Who proved nothing, or with a forged token, may be led to the sign-in; who proved to be somebody else finds
    /// nothing.
    private static void assertNothing(String statusLine, String who) {
        assertThat(statusLine)
                .as(who)
                .containsPattern(
                        who.startsWith("X-Nobody") || who.contains("forged") ? " (30[237]|4\\d\\d) " : " 4\\d\\d ");
    }

    private static String status(int port, String host, String method, String path, String... headers)
            throws IOException {
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Origin: http://" + host;
        return RawHttp.send(port, host, method, path, "", all).statusLine();
    }
}
