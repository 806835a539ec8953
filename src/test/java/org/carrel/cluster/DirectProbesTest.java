package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.domain.member.Island;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DirectProbesTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final Claim ASKER = claim(1, Optional.empty());
    private static final Claim ANSWERER =
            claim(2, Optional.of(new Island("a", 2, "n2:7444#1", Set.of("n2:7444#1", "n3:7444#1"))));

    private final AtomicReference<Claim> asked = new AtomicReference<>();
    private DirectProbes probes;

    @BeforeEach
    void open() throws IOException {
        probes = DirectProbes.listen(DirectProbes.Sockets.PLAIN, HERE, 0);
        probes.answerBy(asker -> {
            asked.set(asker);
            return ANSWERER;
        });
    }

    @AfterEach
    void close() {
        probes.close();
    }

    @Test
    void both_sides_learn_what_the_other_says() throws Exception {
        assertThat(probes.ask(new Candidate("127.0.0.1", probes.port()), ASKER)).isEqualTo(ANSWERER);
        assertThat(asked.get()).isEqualTo(ASKER);
    }

    @Test
    void where_nobody_is_nobody_answers() {
        int port = probes.port();
        probes.close();
        assertThatThrownBy(() -> probes.ask(new Candidate("127.0.0.1", port), ASKER))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> probes.ask(new Candidate("no-such-host.invalid", port), ASKER))
                .isInstanceOf(IOException.class);
    }

    @Test
    void nonsense_gets_no_answer_and_the_next_question_does() throws Exception {
        for (String nonsense :
                new String[] {"\n", "GET / HTTP/1.1\r\n\r\n", "{}\n", "{\"node\":\"x\"}\n", "x".repeat(200_000) + "\n"})
            try (Socket socket = new Socket(HERE, probes.port())) {
                socket.setSoTimeout(10_000);
                try {
                    socket.getOutputStream().write(nonsense.getBytes(StandardCharsets.US_ASCII));
                    assertThat(socket.getInputStream().read()).isEqualTo(-1);
                } catch (IOException reset) {
                    // what it didn't read makes the end a reset
                }
            }
        assertThat(probes.ask(new Candidate("127.0.0.1", probes.port()), ASKER)).isEqualTo(ANSWERER);
    }

    @Test
    void an_answer_of_nonsense_is_none() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, HERE)) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream()
                            .write("{\"node\":\"../..\",\"name\":\"n\"}\n".getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // the test sees it
                }
            });
            assertThatThrownBy(() -> probes.ask(new Candidate("127.0.0.1", server.getLocalPort()), ASKER))
                    .isInstanceOf(IOException.class);
        }
    }

    private static Claim claim(int number, Optional<Island> island) {
        return new Claim(
                new NodeId("%016x".formatted(number)),
                new NodeName("n" + number),
                "test",
                "n" + number + ":7444",
                "1",
                new Candidate("n" + number, 7443),
                island);
    }
}
