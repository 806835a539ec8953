package org.carrel.front;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.carrel.kind.Qap;
import org.junit.jupiter.api.Test;

class QapStreamTest {
    private static final int DROPPED = 0x77;

    private record Seen(int command, long length, int id) {}

    @Test
    void however_it_is_cut_what_goes_on_is_the_same_without_what_is_dropped() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            ByteArrayOutputStream wanted = new ByteArrayOutputStream();
            List<Seen> messages = new ArrayList<>();
            int before = random.nextInt(3) * 16;
            byte[] greeting = bytes(random, before);
            whole.writeBytes(greeting);
            wanted.writeBytes(greeting);
            for (int i = 0; i < 12; i++) {
                int command = random.nextInt(4) == 0 ? DROPPED : random.nextInt(64);
                byte[] body = bytes(random, random.nextInt(4) == 0 ? 0 : random.nextInt(60));
                messages.add(new Seen(command, body.length, 0));
                byte[] header = Qap.header(command, body.length).array();
                whole.writeBytes(header);
                whole.writeBytes(body);
                if (command == DROPPED) continue;
                wanted.writeBytes(header);
                wanted.writeBytes(body);
            }
            List<Seen> seen = new ArrayList<>();
            assertThat(passed(random, before, whole.toByteArray(), seen))
                    .as("seed %s", seed)
                    .isEqualTo(wanted.toByteArray());
            assertThat(seen).isEqualTo(messages);
        }
    }

    private static byte[] passed(Random random, int before, byte[] whole, List<Seen> seen) {
        QapStream stream = new QapStream(before, (command, length, id) -> {
            seen.add(new Seen(command, length, id));
            return command != DROPPED;
        });
        ByteArrayOutputStream passed = new ByteArrayOutputStream();
        for (int at = 0; at < whole.length; ) {
            int end = Math.min(whole.length, at + 1 + random.nextInt(40));
            ByteBuf in = Unpooled.copiedBuffer(Arrays.copyOfRange(whole, at, end));
            List<ByteBuf> given = new ArrayList<>();
            stream.read(in, given::add);
            for (ByteBuf part : given) {
                byte[] bytes = new byte[part.readableBytes()];
                part.readBytes(bytes);
                passed.writeBytes(bytes);
                part.release();
            }
            assertThat(in.refCnt()).isZero();
            at = end;
        }
        return passed.toByteArray();
    }

    @Test
    void a_length_of_64_bits_is_told_whole_and_waited_for() {
        List<Seen> seen = new ArrayList<>();
        QapStream stream = new QapStream(0, (command, length, id) -> seen.add(new Seen(command, length, id)));
        stream.read(Unpooled.wrappedBuffer(Qap.header(3, -1L)), ByteBuf::release);
        stream.read(Unpooled.wrappedBuffer(new byte[1000]), ByteBuf::release);
        assertThat(seen).containsExactly(new Seen(3, -1L, 0));
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
