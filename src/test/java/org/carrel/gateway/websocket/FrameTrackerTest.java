package org.carrel.gateway.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.carrel.api.Json;
import org.junit.jupiter.api.Test;

class FrameTrackerTest {
    private record Outcome(long data, boolean between, boolean closed, int refused) {}

    private static Outcome track(byte[] bytes, boolean fromClient, boolean extended, int[] cuts) {
        FrameTracker tracker = new FrameTracker(fromClient, extended, 100_000);
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        long data = 0;
        int at = 0;
        try {
            for (int cut : cuts) {
                data += tracker.advance(in, at, cut);
                at = cut;
            }
            data += tracker.advance(in, at, bytes.length);
            return new Outcome(data, tracker.isBetweenFrames(), tracker.isClosed(), 0);
        } catch (FrameException broken) {
            return new Outcome(0, false, false, broken.code());
        }
    }

    private static Outcome client(int... bytes) {
        return track(bytes(bytes), true, false, new int[0]);
    }

    private static Outcome server(int... bytes) {
        return track(bytes(bytes), false, false, new int[0]);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) bytes[i] = (byte) values[i];
        return bytes;
    }

    @Test
    void only_data_counts() {
        assertThat(client(0x81, 0x83, 1, 2, 3, 4, 'a', 'b', 'c')).isEqualTo(new Outcome(3, true, false, 0));
        assertThat(client(0x89, 0x81, 1, 2, 3, 4, 'a', 0x8a, 0x80, 1, 2, 3, 4))
                .isEqualTo(new Outcome(0, true, false, 0));
        assertThat(client(0x88, 0x80, 0, 0, 0, 0)).isEqualTo(new Outcome(0, true, true, 0));
    }

    @Test
    void of_marked_messages_only_those_with_the_letter_count_however_the_bytes_are_cut() throws FrameException {
        byte[] frames = bytes(
                0x81, 0x83, 9, 2, 3, 4, 'm' ^ 9, 'b' ^ 2, 'c' ^ 3, // counts 3
                0x82, 0x82, 1, 2, 3, 4, 'a' ^ 1, 'm' ^ 2, // an acknowledgement
                0x01, 0x80, 7, 7, 7, 7, // an empty first fragment,
                0x89, 0x81, 1, 2, 3, 4, 'm' ^ 1, // a ping in between,
                0x80, 0x82, 5, 6, 7, 8, 'm' ^ 5, 'x' ^ 6, // and the message that began: counts 2
                0x81, 0x81, 0, 0, 0, 0, 'p');
        for (int cut = 0; cut <= frames.length; cut++) {
            FrameTracker tracker = new FrameTracker(true, false, 100_000, OptionalInt.of('m'));
            ByteBuf in = Unpooled.wrappedBuffer(frames);
            long data = tracker.advance(in, 0, cut) + tracker.advance(in, cut, frames.length);
            assertThat(data).as("cut at %d", cut).isEqualTo(5);
        }
    }

    @Test
    void a_control_frame_may_stand_between_fragments() {
        assertThat(server(0x01, 1, 'a', 0x89, 0, 0x80, 1, 'b')).isEqualTo(new Outcome(2, true, false, 0));
    }

    @Test
    void what_breaks_the_protocol_is_refused() {
        assertThat(client(0x81, 0x01, 'a').refused())
                .as("unmasked from a client")
                .isEqualTo(1002);
        assertThat(server(0x81, 0x81, 0, 0, 0, 0, 'a').refused())
                .as("masked from a server")
                .isEqualTo(1002);
        assertThat(server(0x83, 0).refused()).as("reserved opcode").isEqualTo(1002);
        assertThat(server(0x8b, 0).refused()).as("reserved control opcode").isEqualTo(1002);
        assertThat(server(0xc1, 0).refused()).as("RSV1 without extension").isEqualTo(1002);
        assertThat(server(0xa1, 0).refused()).as("RSV2").isEqualTo(1002);
        assertThat(server(0x09, 0).refused()).as("fragmented control frame").isEqualTo(1002);
        assertThat(server(0x89, 126, 0, 126).refused()).as("long control frame").isEqualTo(1002);
        assertThat(server(0x80, 0).refused()).as("continuation of nothing").isEqualTo(1002);
        assertThat(server(0x01, 0, 0x81, 0).refused())
                .as("a new message within one")
                .isEqualTo(1002);
        assertThat(server(0x82, 126, 0, 125).refused()).as("length not minimal").isEqualTo(1002);
        assertThat(server(0x82, 127, 0, 0, 0, 0, 0, 0, 255, 255).refused())
                .as("length not minimal")
                .isEqualTo(1002);
        assertThat(server(0x82, 127, 0x80, 0, 0, 0, 0, 1, 0, 0).refused())
                .as("negative length")
                .isEqualTo(1002);
        assertThat(server(0x88, 1, 0).refused()).as("close of one byte").isEqualTo(1002);
        assertThat(server(0x88, 0, 0x81, 0).refused())
                .as("a frame behind close")
                .isEqualTo(1002);
        assertThat(server(0x82, 127, 0, 0, 0, 0, 0, 2, 0, 0).refused())
                .as("over the limit")
                .isEqualTo(1009);
    }

    @Test
    void an_extension_may_set_its_bit_on_data() {
        assertThat(track(bytes(0xc1, 1, 'a'), false, true, new int[0]).refused())
                .isZero();
        assertThat(track(bytes(0xc9, 0), false, true, new int[0]).refused()).isEqualTo(1002);
    }

    @Test
    void however_frames_are_cut_the_outcome_is_the_same() {
        Random random = new Random(20261122);
        int refused = 0;
        for (int round = 0; round < 5_000; round++) {
            boolean fromClient = random.nextBoolean();
            byte[] bytes = frames(random, fromClient);
            Outcome whole = track(bytes, fromClient, false, new int[0]);
            int[] every = new int[bytes.length];
            for (int i = 0; i < every.length; i++) every[i] = i + 1;
            assertThat(track(bytes, fromClient, false, every)).isEqualTo(whole);
            int[] some = random.ints(3, 0, bytes.length + 1).sorted().toArray();
            assertThat(track(bytes, fromClient, false, some)).isEqualTo(whole);
            if (whole.refused() != 0) refused++;
        }
        assertThat(refused).isBetween(500, 4500);
    }

    @Test
    void whoever_takes_over_in_the_middle_of_anything_goes_on_exactly() throws Exception {
        byte[] frames = frames(true);
        Outcome whole = track(frames, true, false, new int[0]);
        assertThat(whole).isEqualTo(new Outcome(3 + 2 + 300 + 70_000 + 1, true, true, 0));
        for (int cut : cuts(frames)) {
            assertThat(handedOver(frames, true, OptionalInt.empty(), cut))
                    .as("cut at %d", cut)
                    .isEqualTo(whole);
            assertThat(handedOver(frames, true, OptionalInt.of('m'), cut).data())
                    .as("marked, cut at %d", cut)
                    .isEqualTo(3 + 2 + 70_000);
        }
        byte[] down = frames(false);
        for (int cut : cuts(down))
            assertThat(handedOver(down, false, OptionalInt.empty(), cut))
                    .as("down, cut at %d", cut)
                    .isEqualTo(whole);
    }

    @Test
    void what_is_refused_is_refused_by_whoever_took_over_too() throws Exception {
        Random random = new Random(20261123);
        for (int round = 0; round < 2_000; round++) {
            boolean fromClient = random.nextBoolean();
            byte[] bytes = frames(random, fromClient);
            int[] cuts = random.ints(3, 0, bytes.length + 1).sorted().toArray();
            assertThat(handedOver(bytes, fromClient, OptionalInt.empty(), cuts))
                    .isEqualTo(track(bytes, fromClient, false, new int[0]));
        }
    }

    @Test
    void a_place_that_no_tracker_can_stand_at_is_no_state() throws Exception {
        FrameTracker tracker = new FrameTracker(true, false, 100_000);
        FrameTracker.State start = tracker.state();
        assertThat(Json.readAnswer(Json.bytes(start), FrameTracker.State.class)).isEqualTo(start);
        for (String wrong : List.of(
                "\"at\":\"NOWHERE\"",
                "\"at\":null",
                "\"at\":\"LONG_LENGTH\"",
                "\"at\":\"LONG_LENGTH\",\"lengthBytes\":2,\"headerLeft\":3",
                "\"at\":\"LONG_LENGTH\",\"lengthBytes\":3,\"headerLeft\":3",
                "\"at\":\"MASK\"",
                "\"at\":\"MASK\",\"headerLeft\":5",
                "\"at\":\"MASK\",\"headerLeft\":-1",
                "\"at\":\"MASK\",\"headerLeft\":1,\"length\":-1",
                "\"at\":\"PAYLOAD\"",
                "\"at\":\"FIRST\",\"length\":1",
                "\"at\":\"FIRST\",\"headerLeft\":1",
                "\"at\":\"FIRST\",\"opcode\":16",
                "\"at\":\"FIRST\",\"mask\":256",
                "\"at\":\"FIRST\",\"length\":99999999999999999999"))
            assertThatThrownBy(() -> Json.readAnswer(("{" + wrong + "}").getBytes(UTF_8), FrameTracker.State.class))
                    .as(wrong)
                    .isInstanceOf(IOException.class);
    }

    /// Everywhere, but of the longest frame's payload not at each of its like bytes.
    private static int[] cuts(byte[] frames) {
        return IntStream.rangeClosed(0, frames.length)
                .filter(cut -> cut < 500 || cut > frames.length - 500 || cut % 97 == 0)
                .toArray();
    }

    /// Another tracker at each cut, which knows only what travels between two programs.
    private static Outcome handedOver(byte[] bytes, boolean fromClient, OptionalInt letter, int... cuts)
            throws IOException {
        FrameTracker tracker = new FrameTracker(fromClient, false, 100_000, letter);
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        long data = 0;
        int at = 0;
        try {
            for (int cut : cuts) {
                data += tracker.advance(in, at, cut);
                at = cut;
                FrameTracker.State state = tracker.state();
                tracker = new FrameTracker(fromClient, false, 100_000, letter);
                tracker.resume(Json.readAnswer(Json.bytes(state), FrameTracker.State.class));
            }
            data += tracker.advance(in, at, bytes.length);
            return new Outcome(data, tracker.isBetweenFrames(), tracker.isClosed(), 0);
        } catch (FrameException broken) {
            return new Outcome(0, false, false, broken.code());
        }
    }

    /// Every part a frame can have: 3 + 2 + 300 + 70,000 + 1 bytes of data, of which 300 + 1 don't begin with `m`.
    private static byte[] frames(boolean masked) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frame(out, masked, 0x81, "mbc".getBytes(UTF_8));
        frame(out, masked, 0x01, new byte[0]);
        frame(out, masked, 0x89, "m-ping".getBytes(UTF_8));
        frame(out, masked, 0x00, "m".getBytes(UTF_8));
        frame(out, masked, 0x80, "x".getBytes(UTF_8));
        frame(out, masked, 0x82, "a".repeat(300).getBytes(UTF_8));
        frame(out, masked, 0x82, "m".repeat(70_000).getBytes(UTF_8));
        frame(out, masked, 0x8a, new byte[125]);
        frame(out, masked, 0x82, "p".getBytes(UTF_8));
        frame(out, masked, 0x88, bytes(3, 0xe8));
        return out.toByteArray();
    }

    private static void frame(ByteArrayOutputStream out, boolean masked, int first, byte[] payload) {
        int length = payload.length;
        byte[] mask = masked ? bytes(0x5a, 0xff, 0, 0x80) : new byte[4];
        int bit = masked ? 0x80 : 0;
        out.write(first);
        if (length < 126) out.write(bit | length);
        else if (length < 65536) out.writeBytes(bytes(bit | 126, length >> 8, length));
        else out.writeBytes(bytes(bit | 127, 0, 0, 0, 0, 0, length >> 16, length >> 8, length));
        if (masked) out.writeBytes(mask);
        for (int i = 0; i < length; i++) out.write(payload[i] ^ mask[i & 3]);
    }

    private static byte[] frames(Random random, boolean masked) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = random.nextInt(5); i >= 0; i--) {
            int length = new int[] {0, 1, 125, 126, 300, 70_000}[random.nextInt(6)];
            boolean odd = random.nextInt(10) == 0;
            out.write(odd ? random.nextInt(256) : 0x82);
            int mask = masked ? 0x80 : 0;
            if (length < 126) out.write(mask | length);
            else if (length < 65536) out.writeBytes(bytes(mask | 126, length >> 8, length));
            else out.writeBytes(bytes(mask | 127, 0, 0, 0, 0, 0, length >> 16, length >> 8, length));
            if (masked) out.writeBytes(new byte[4]);
            out.writeBytes(new byte[length]);
        }
        return out.toByteArray();
    }
}
