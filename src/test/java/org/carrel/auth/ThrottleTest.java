package org.carrel.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.carrel.domain.user.UserId;
import org.carrel.support.TestClock;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private static final UserId ADA = new UserId("ada");
    private final TestClock clock = new TestClock();
    private final Throttle throttle = new Throttle(clock);
    private final InetAddress here = InetAddress.getLoopbackAddress();

    @Test
    void the_wait_after_each_wrong_password_doubles_up_to_a_minute() {
        long[] seconds = new long[9];
        for (int i = 0; i < seconds.length; i++)
            seconds[i] = Throttle.waitAfter(i).toSeconds();
        assertThat(seconds).containsExactly(1, 2, 4, 8, 16, 32, 60, 60, 60);
    }

    @Test
    void a_user_has_five_attempts_and_then_waits() {
        for (int i = 0; i < Throttle.FREE_PER_USER; i++)
            assertThat(throttle.attempt(ADA, here)).isEmpty();
        assertThat(throttle.attempt(ADA, here)).contains(Duration.ofSeconds(1));
        clock.advance(Duration.ofSeconds(1));
        assertThat(throttle.attempt(ADA, here)).isEmpty();
        assertThat(throttle.attempt(ADA, here)).contains(Duration.ofSeconds(2));
    }

    @Test
    void an_address_that_tries_many_names_waits_too() {
        for (int i = 0; i < Throttle.FREE_PER_ADDRESS; i++)
            assertThat(throttle.attempt(new UserId("u" + i), here)).isEmpty();
        assertThat(throttle.attempt(ADA, here)).isPresent();
    }

    @Test
    void all_of_a_network_of_version_six_counts_as_one_address() throws UnknownHostException {
        for (int i = 0; i < Throttle.FREE_PER_ADDRESS; i++)
            throttle.attempt(new UserId("u" + i), InetAddress.getByName("2001:db8::" + Integer.toHexString(i)));
        assertThat(throttle.attempt(ADA, InetAddress.getByName("2001:db8::ffff")))
                .isPresent();
        assertThat(throttle.attempt(ADA, InetAddress.getByName("2001:db8:0:1::1")))
                .isEmpty();
    }

    @Test
    void who_was_right_begins_anew() {
        for (int i = 0; i < Throttle.FREE_PER_USER; i++) throttle.attempt(ADA, here);
        throttle.succeeded(ADA, here);
        assertThat(throttle.attempt(ADA, here)).isEmpty();
    }

    @Test
    void after_a_quiet_quarter_of_an_hour_all_is_forgotten() {
        for (int i = 0; i < 30; i++) {
            throttle.attempt(ADA, here);
            clock.advance(Throttle.LONGEST_WAIT);
        }
        clock.advance(Throttle.MEMORY.plusSeconds(1));
        for (int i = 0; i < Throttle.FREE_PER_USER; i++)
            assertThat(throttle.attempt(ADA, here)).isEmpty();
    }
}
