package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.carrel.domain.session.Endpoint;
import org.carrel.http.Header;
import org.carrel.port.ForeignSocketException;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProberTest {
    @TempDir
    Path temporary;

    private final AtomicInteger bytesSeen = new AtomicInteger();

    @Test
    void the_status_of_an_answer_is_told() throws Exception {
        Path socket = temporary.resolve("s");
        try (ServerSocketChannel _ = listen(socket)) {
            assertThat(ask(socket)).isEqualTo(204);
        }
    }

    @Test
    @Needs(Needs.Thing.ROOT)
    void a_link_to_another_users_socket_is_told_nothing() throws Exception {
        Path adas = Files.createDirectory(temporary.resolve("adas"));
        Files.setAttribute(adas, "unix:uid", 79_998);
        Path link = Files.createSymbolicLink(adas.resolve("s"), temporary.resolve("bens"));
        try (ServerSocketChannel _ = listen(temporary.resolve("bens"))) {
            assertThatThrownBy(() -> ask(link))
                    .isInstanceOf(ForeignSocketException.class)
                    .hasMessage("the socket is held by another user (root instead of 79998)");
            assertThat(bytesSeen).hasValue(0);
        }
    }

    private static int ask(Path socket) throws IOException {
        return Prober.ask(
                "GET", new Endpoint.Unix(socket.toString()), "/", List.of(new Header("X-Secret", "for ada's alone")));
    }

    private ServerSocketChannel listen(Path socket) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> {
            try (SocketChannel one = listener.accept()) {
                bytesSeen.addAndGet(Math.max(0, one.read(ByteBuffer.allocate(4096))));
                one.write(ByteBuffer.wrap("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            } catch (IOException e) {
                // the asker went away
            }
        });
        return listener;
    }
}
