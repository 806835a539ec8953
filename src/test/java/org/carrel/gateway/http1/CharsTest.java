package org.carrel.gateway.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CharsTest {
    @Test
    void a_value_ends_where_its_first_forbidden_byte_stands_whatever_is_around() {
        Random random = new Random(11);
        byte[] bytes = new byte[80];
        for (int round = 0; round < 20_000; round++) {
            for (int i = 0; i < bytes.length; i++) bytes[i] = allowed(random);
            int end = random.nextInt(bytes.length);
            bytes[end] = forbidden(random);
            if (end + 1 < bytes.length) bytes[end + 1] = forbidden(random);
            int from = random.nextInt(end + 1);
            assertThat(Chars.valueEnd(bytes, from)).isEqualTo(end);
        }
    }

    @Test
    void every_single_byte_is_judged_at_every_place_of_a_word() {
        for (int place = 0; place < 8; place++)
            for (int b = 0; b < 256; b++) {
                byte[] bytes = "xxxxxxxxxxxxxxx\r".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
                bytes[place] = (byte) b;
                int wanted = Chars.VALUE[b] ? 15 : place;
                assertThat(Chars.valueEnd(bytes, 0))
                        .as("byte %d at %d", b, place)
                        .isEqualTo(wanted);
            }
    }

    private static byte allowed(Random random) {
        while (true) {
            int b = random.nextInt(4) == 0 ? "\t ~\u0080\u00ff".charAt(random.nextInt(5)) : random.nextInt(256);
            if (Chars.VALUE[b]) return (byte) b;
        }
    }

    private static byte forbidden(Random random) {
        int b = random.nextInt(0x21);
        return (byte) (b == 0x20 ? 0x7f : b == '\t' ? '\r' : b);
    }
}
