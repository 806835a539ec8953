package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Rule R2 through the whole program: a sign-out, a revoked token, a removed user and a stopped session each close what
/// was open, and leave others' alone. How quickly is told, not asserted.
@Tag("real")
class RevocationTest {
    private static final int POLICY = 1008;

    @Test
    void what_is_revoked_loses_its_sockets_within_seconds() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            String adas = carrel.start("ada", "hello", "one").get("id").asText();
            String second = carrel.start("ada", "hello", "two").get("id").asText();
            String bens = carrel.start("ben", "hello", "default").get("id").asText();
            SignedInBrowser browser = SignedInBrowser.at(carrel.port, "ada");
            SignedInBrowser otherBrowser = SignedInBrowser.at(carrel.port, "ada");
            try (RawWebSocket signedOut = browser.webSocket(carrel.port, adas);
                    RawWebSocket elsewhere = otherBrowser.webSocket(carrel.port, adas);
                    RawWebSocket byToken = carrel.webSocket("ada", adas, "/echo");
                    RawWebSocket stopped = carrel.webSocket("ada", second, "/echo");
                    RawWebSocket other = carrel.webSocket("ben", bens, "/echo")) {
                for (RawWebSocket socket : List.of(signedOut, elsewhere, byToken, stopped, other))
                    assertThat(socket.isOpen()).as(socket.statusLine).isTrue();

                browser.signOut(carrel.port);
                closes(signedOut, "sign-out");
                answers(elsewhere);
                answers(byToken);

                carrel.send("ada", "DELETE", "/api/v1/sessions/" + second, "");
                assertThat(stopped.awaitClose()).isIn(POLICY, 1000, 1001, 1006);

                String id = carrel.get("ada", "/api/v1/tokens")
                        .path("items")
                        .path(0)
                        .path("id")
                        .asText();
                assertThat(carrel.send("ada", "DELETE", "/api/v1/tokens/" + id, "")
                                .statusCode())
                        .isEqualTo(204);
                closes(byToken, "revoked token");
                answers(elsewhere);

                remove(carrel, "ada");
                closes(elsewhere, "removed user");
                answers(other);
                noted(carrel, second);
            }
        }
    }

    /// All of it is in the audit log, and no secret.
    private static void noted(RunningCarrel carrel, String stopped) throws Exception {
        Path file;
        try (var all = Files.walk(carrel.state())) {
            file = all.filter(it -> it.getFileName().toString().equals("audit.jsonl"))
                    .findFirst()
                    .orElseThrow();
        }
        RunningCarrel.await("the end of " + stopped, () -> {
            try {
                return Files.readAllLines(file).stream()
                        .anyMatch(line -> line.contains("session-ended")
                                && line.contains(stopped)
                                && line.contains("stopped by ada"));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        String text = Files.readString(file);
        for (String what :
                List.of("sign-in", "sign-out", "token-made", "token-revoked", "session-asked", "session-stop"))
            assertThat(text).contains("\"what\":\"" + what + "\",\"who\":\"ada\"");
        assertThat(text).doesNotContain(RunningCarrel.PASSWORD, "carrel_");
        System.out.println(text);
    }

    private static void closes(RawWebSocket socket, String after) throws IOException {
        long began = System.nanoTime();
        assertThat(socket.awaitClose()).as(after).isEqualTo(POLICY);
        System.out.println("closed after " + after + ": " + (System.nanoTime() - began) / 1_000_000 + " ms");
    }

    private static void answers(RawWebSocket socket) throws IOException {
        socket.sendText("still here");
        assertThat(socket.await(text -> text.contains("still here"))).isPresent();
    }

    private static void remove(RunningCarrel carrel, String user) throws IOException {
        try (var all = Files.walk(carrel.state())) {
            Path users = all.filter(file -> file.getFileName().toString().equals("users"))
                    .findFirst()
                    .orElseThrow();
            List<String> left = Files.readAllLines(users).stream()
                    .filter(line -> !line.startsWith(user + ":"))
                    .toList();
            Files.write(users, left);
        }
    }
}
