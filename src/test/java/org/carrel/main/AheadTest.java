package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AheadTest {
    @Test
    void it_is_worked_on_before_anybody_asks_for_it() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        Ahead<String> ahead = Ahead.begin("ahead", () -> {
            working.countDown();
            return "done";
        });
        working.await();
        assertThat(ahead.result()).isEqualTo("done");
    }

    @Test
    void what_broke_there_breaks_here() {
        Ahead<String> broken = Ahead.begin("ahead", () -> {
            throw new IOException("no such disk");
        });
        assertThatThrownBy(broken::result).isInstanceOf(IOException.class).hasMessage("no such disk");
        Ahead<String> bug = Ahead.begin("ahead", () -> {
            throw new IllegalArgumentException("odd");
        });
        assertThatThrownBy(bug::result).isInstanceOf(IllegalArgumentException.class);
    }
}
