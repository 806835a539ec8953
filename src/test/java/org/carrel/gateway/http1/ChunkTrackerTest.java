package org.carrel.gateway.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkTrackerTest {
    /// What is learned of a body, however it is cut.
    private record Outcome(String data, String trailers, int taken, boolean done, String refusal) {}

    private static Outcome track(String body, int[] cuts) {
        ChunkTracker tracker = new ChunkTracker();
        StringBuilder data = new StringBuilder();
        StringBuilder trailers = new StringBuilder();
        ChunkTracker.Sink sink = new ChunkTracker.Sink() {
            @Override
            public void data(ByteBuf in, int from, int length) {
                data.append(in.toString(from, length, ISO_8859_1));
            }

            @Override
            public void trailers(ByteBuf in, int from, int length) {
                trailers.append(in.toString(from, length, ISO_8859_1));
            }
        };
        ByteBuf in = Unpooled.copiedBuffer(body, ISO_8859_1);
        int at = 0;
        try {
            for (int cut : cuts) at = tracker.advance(in, at, Math.max(at, cut), sink);
            at = tracker.advance(in, at, in.writerIndex(), sink);
            return new Outcome(data.toString(), trailers.toString(), at, tracker.isDone(), "");
        } catch (RefusedException refused) {
            return new Outcome("", "", 0, false, refused.why());
        }
    }

    @Test
    void data_trailers_and_the_end_are_found() {
        Outcome outcome = track("5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nGET /", new int[0]);
        assertThat(outcome).isEqualTo(new Outcome("hello0123456789", "X-Sum: 1\r\n\r\n", 44, true, ""));
    }

    @Test
    void however_a_body_is_cut_the_outcome_is_the_same() {
        String[] pieces = {
            "5",
            "0",
            "a",
            ";",
            "x=y",
            "\r\n",
            "\n",
            "\r",
            "hello",
            "X-A",
            ":",
            " b",
            " ",
            "\t",
            "\u0000",
            "0\r\n\r\n",
            "5\r\nhello\r\n",
            "0\r\nX-A: b\r\n\r\n",
            "Content-Length: 1"
        };
        Random random = new Random(20261122);
        int refused = 0;
        int done = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder body = new StringBuilder();
            for (int i = random.nextInt(7); i >= 0; i--) body.append(pieces[random.nextInt(pieces.length)]);
            Outcome whole = track(body.toString(), new int[0]);
            int[] every = new int[body.length()];
            for (int i = 0; i < every.length; i++) every[i] = i + 1;
            int[] some = random.ints(2, 0, body.length() + 1).sorted().toArray();
            assertThat(track(body.toString(), every)).as(body.toString()).isEqualTo(whole);
            assertThat(track(body.toString(), some)).as(body.toString()).isEqualTo(whole);
            if (!whole.refusal().isEmpty()) refused++;
            if (whole.done()) done++;
        }
        assertThat(refused).isGreaterThan(1000);
        assertThat(done).isGreaterThan(1000);
    }
}
