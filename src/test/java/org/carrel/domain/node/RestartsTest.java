package org.carrel.domain.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RestartsTest {
    @Test
    void pauses_double_up_to_a_minute() {
        assertThat(IntStream.rangeClosed(1, 9).mapToObj(Restarts::pause).map(Duration::toSeconds))
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
        assertThat(Restarts.pause(Integer.MAX_VALUE)).isEqualTo(Restarts.MOST);
    }
}
