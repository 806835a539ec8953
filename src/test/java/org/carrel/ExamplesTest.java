package org.carrel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The scripts in `examples/` do what they say.
class ExamplesTest {
    private static final Path CARD = Path.of("examples/raspberry-pi/prepare-card");
    private static final Path BALANCER = Path.of("examples/nginx/balancer");

    @TempDir
    private Path box;

    private Path root;
    private Path release;

    private record Said(int status, String text) {}

    @BeforeEach
    void a_card_a_key_and_a_release() throws Exception {
        root = box.resolve("root");
        for (String part : List.of("root/etc", "root/usr", "key", "carrel-0.1.0/lib"))
            Files.createDirectories(box.resolve(part));
        Files.writeString(box.resolve("key/ca.key"), "secret");
        Path program = Files.writeString(box.resolve("carrel-0.1.0/carrel"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        release = box.resolve("carrel-0.1.0.tar.gz");
        assertThat(run(Map.of(), "tar", "-czf", release.toString(), "-C", box.toString(), "carrel-0.1.0")
                        .status())
                .isZero();
    }

    @Test
    void a_card_gets_program_key_and_start_and_may_be_prepared_again() throws Exception {
        for (int time = 0; time < 2; time++) {
            Said said = card("--name", "pi1", root.toString());
            assertThat(said.text()).contains("prepared").contains("as pi1");
            assertThat(said.status()).isZero();
            assertThat(root.resolve("opt/carrel/carrel")).isExecutable();
            assertThat(root.resolve("opt/carrel.new")).doesNotExist();
            Path key = root.resolve("etc/carrel/key");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key.resolve("ca.key"))))
                    .isEqualTo("rw-------");
            assertThat(root.resolve("etc/hostname")).hasContent("pi1\n");
            assertThat(root.resolve("etc/systemd/system/multi-user.target.wants/carrel-first-boot.service"))
                    .isRegularFile();
        }
    }

    @Test
    void what_is_no_card_or_would_be_this_machine_is_left_alone() throws Exception {
        assertThat(card("/").text()).contains("the running machine");
        assertThat(card(box.toString()).text()).contains("no root filesystem");
        assertThat(card("--name", "A b", root.toString()).text()).contains("--name must be");
        assertThat(card("--key", box.resolve("none").toString(), root.toString())
                        .text())
                .contains("there is no cluster key");
        assertThat(card().status()).isEqualTo(2);
        assertThat(root.resolve("opt")).doesNotExist();
    }

    @Test
    void the_upstreams_of_the_balancer_are_what_the_cluster_says() throws Exception {
        Path token = Files.writeString(box.resolve("token"), "carrel_token\n");
        HttpServer node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> asked = new ArrayList<>();
        node.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] answer =
                    "[{\"ip\":\"192.168.86.121\",\"services\":[\"nginx\"]},{\"ip\":\"fd00::3\",\"services\":[\"nginx\"]}]"
                            .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        node.start();
        try {
            Map<String, String> environment = Map.of(
                    "CARREL_URL",
                    "http://127.0.0.1:" + node.getAddress().getPort(),
                    "CARREL_TOKEN_FILE",
                    token.toString(),
                    "TMPDIR",
                    box.toString());
            Said said = run(environment, "sh", BALANCER.toString(), "nginx", "--to", "8088", "--once");
            assertThat(said.text()).isEqualTo("""
                    upstream copies {
                        server 192.168.86.121:8088 max_fails=1 fail_timeout=5s;
                        server [fd00::3]:8088 max_fails=1 fail_timeout=5s;
                    }
                    """);
            assertThat(said.status()).isZero();
            assertThat(asked).containsExactly("/nodes/workingService/nginx Bearer carrel_token");
        } finally {
            node.stop(0);
        }
    }

    private Said card(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", CARD.toString(), "--release", release.toString()));
        if (!List.of(words).contains("--key"))
            command.addAll(List.of("--key", box.resolve("key").toString()));
        command.addAll(List.of(words));
        return run(Map.of(), command.toArray(String[]::new));
    }

    private static Said run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), said);
    }
}
