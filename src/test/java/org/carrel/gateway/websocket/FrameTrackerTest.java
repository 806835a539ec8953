package org.carrel.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.OptionalInt;
import java.util.Random;
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
