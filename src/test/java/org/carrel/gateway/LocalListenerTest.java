package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;

import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.Stage;
import org.carrel.http.Answer;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

@DisabledIfSystemProperty(named = "carrel.nio", matches = "true")
class LocalListenerTest {
    private static final int OTHER_UID = 79_998;

    @TempDir
    Path directory;

    private Path path;
    private Stage stage;

    @BeforeEach
    void open() throws Exception {
        path = directory.resolve("l");
        Files.createFile(path); // of one that was killed
        stage = new Stage(Stage.settings(Limits.DEFAULT).with(path))
                .withPortal(asked -> Answer.text(
                        200,
                        asked.head().path() + " " + asked.proof() + " "
                                + asked.principal().orElseThrow().user()
                                + (asked.principal().orElseThrow().isAdmin() ? " admin" : "")));
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void whoever_runs_it_asks_the_interface_without_a_token() throws Exception {
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(ask("GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("/api/v1/sessions LOCAL local admin");
    }

    @Test
    void no_cookie_makes_somebody_else_of_them() throws Exception {
        assertThat(ask("GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nCookie: carrel_user=ada\r\n"
                        + "Authorization: Bearer ada\r\nConnection: close\r\n\r\n"))
                .endsWith("LOCAL local admin");
        assertThat(stage.identifications()).isZero();
    }

    @Test
    void nothing_but_the_interface_is_served_there() throws Exception {
        try (Backend backend = Backend.echo()) {
            stage.with(ADAS, "local", backend);
            for (String target : new String[] {
                "GET / HTTP/1.1\r\nHost: localhost",
                "GET /app/faithful HTTP/1.1\r\nHost: localhost",
                "GET /apis HTTP/1.1\r\nHost: localhost",
                "GET / HTTP/1.1\r\nHost: " + stage.origin(ADAS),
                "GET /.carrel/state HTTP/1.1\r\nHost: " + stage.origin(ADAS),
                "GET /s/" + ADAS + "/ HTTP/1.1\r\nHost: localhost"
            })
                assertThat(ask(target + "\r\nConnection: close\r\n\r\n"))
                        .as(target)
                        .startsWith("HTTP/1.1 403 ")
                        .contains("only the REST interface");
            assertThat(backend.seen()).isEmpty();
        }
    }

    @Test
    @Needs({Needs.Thing.ROOT, Needs.Thing.PERL})
    void another_user_is_turned_away_even_when_the_file_lets_it_in() throws Exception {
        assertThat(askedBy(0)).startsWith("HTTP/1.1 200 ");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(askedBy(OTHER_UID)).as("by the file").isEqualTo("not connected");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(askedBy(OTHER_UID)).as("by its user").isEmpty();
        assertThat(askedBy(0)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void it_goes_with_the_gateway_and_another_can_be_in_its_place() throws Exception {
        try (SocketChannel waiting = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            stage.gateway().leave();
            assertThat(path).doesNotExist();
            try (Stage _ = new Stage(Stage.settings(Limits.DEFAULT).with(path))) {
                Await.until(
                        "the next one answers",
                        () -> ask("GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                                .startsWith("HTTP/1.1 200 "));
                stage.close();
                assertThat(path).as("the next one's").exists();
            }
        }
    }

    private String ask(String request) throws Exception {
        try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            socket.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
            return new String(Channels.newInputStream(socket).readAllBytes(), ISO_8859_1);
        }
    }

    private String askedBy(int uid) throws Exception {
        String script = "use Socket; my ($u, $p) = @ARGV; $( = $) = $u; $< = $> = $u; die if $> != $u;"
                + " socket(S, PF_UNIX, SOCK_STREAM, 0) or die;"
                + " connect(S, sockaddr_un($p)) or do { print qq(not connected); exit };"
                + " $SIG{PIPE} = 'IGNORE'; $| = 1;"
                + " syswrite S, qq(GET /api/ HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n);"
                + " print while <S>";
        Process process = new ProcessBuilder("perl", "-e", script, Integer.toString(uid), path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
