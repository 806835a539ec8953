package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.carrel.support.Nginx;
import org.carrel.support.ProgramJar;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two whole programs of which one reaches the other through an HTTP proxy only.
@Needs({Thing.ROOT, Thing.NGINX})
class WebDoorNodesTest {
    private final Path java = Path.of(System.getProperty("java.home"), "bin", "java");

    @TempDir
    private Path temp;

    @Test
    void what_runs_behind_an_http_proxy_is_used_from_outside() throws Exception {
        Path above = Files.createTempDirectory(Path.of("/tmp"), "ck");
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path hello = Files.copy(Path.of(ProgramJar.classPath().split(":")[0]), above.resolve("hello.jar"));
        Files.setPosixFilePermissions(hello, PosixFilePermissions.fromString("rw-r--r--"));
        ClusterKey.make(above.resolve("key"), new ClusterName("lab"), Instant.now());
        String web = "web: {door: true}";
        try (RunningCarrel behind = RunningCarrel.up(settings("n2", "127.0.0.2", above, web));
                Nginx proxy = Nginx.open(temp, "", """
                        location = /n2 {
                          proxy_pass http://127.0.0.1:%d/.carrel/door;
                          proxy_http_version 1.1;
                          proxy_set_header Upgrade $http_upgrade;
                          proxy_set_header Connection upgrade;
                        }
                        """.formatted(behind.port));
                RunningCarrel outside = RunningCarrel.up(settings(
                        "n1", "127.0.0.1", above, "web: {doors: [\"ws://127.0.0.1:" + proxy.port() + "/n2\"]}"))) {
            Path users = outside.state().resolve("users");
            Files.copy(behind.state().resolve("users"), users, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r--r--"));
            String id = behind.start("ada", "hello", "default").get("id").asText();
            outside.awaitState("ada", id, "ready");
            assertThat(outside.raw("ada", id, "GET", "/who", "")).contains("ada");
            try (RawWebSocket socket = outside.webSocket("ada", id, "/echo")) {
                assertThat(socket.isOpen()).as(socket.statusLine).isTrue();
                socket.sendText("through a proxy");
                assertThat(socket.await("through a proxy"::equals)).isPresent();
            }
            // what is learned of proofs comes this way too
            SignedInBrowser browser = SignedInBrowser.at(behind.port, "ada");
            RunningCarrel.await("its users are read", () -> known(browser, outside));
            browser.signOut(behind.port);
            RunningCarrel.await("out outside", () -> !known(browser, outside));
            outside.send("ada", "DELETE", "/api/v1/sessions/" + id, "");
            behind.awaitState("ada", id, "ended");
        }
        try (Stream<Path> all = Files.walk(above)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    private static boolean known(SignedInBrowser browser, RunningCarrel at) {
        try {
            return browser.me(at.port).statusLine().contains(" 200 ");
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private String settings(String name, String address, Path above, String web) throws IOException {
        return """
                node: {name: %s}
                cluster: {key: %s/key, address: %s, door: %d, port: %d, mdns: off, %s}
                apps:
                  hello: {kind: web, command: [%s, -Xmx64m, -cp, %s/hello.jar, org.carrel.hello.Hello, --socket, "{socket}"]}
                """.formatted(name, above, address, freePort(address), freePort(address), web, java, above);
    }

    private static int freePort(String address) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
            return free.getLocalPort();
        }
    }
}
