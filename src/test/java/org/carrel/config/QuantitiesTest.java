package org.carrel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1024, 1024",
        "512M, 536870912",
        "2G, 2147483648",
        "1.5GiB, 1610612736",
        "3kb, 3072",
        "1T, 1099511627776"
    })
    void sizes_are_powers_of_1024(String text, long bytes) {
        assertThat(Quantities.bytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G", "-1", "2X", "1e9", "90%", "2000T", "1_000"})
    void other_sizes_are_refused(String text) {
        assertThatThrownBy(() -> Quantities.bytes(text)).hasMessageStartingWith("must be a size");
    }

    @ParameterizedTest
    @CsvSource({"90%, 900", "1%, 10", "100 %, 1000", "12.5%, 125", "1K, 1024"})
    void shares_are_of_the_whole(String text, long bytes) {
        assertThat(Quantities.bytesOf(text, 1000)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0%", "101%", "0.5%"})
    void a_share_is_1_to_100_percent(String text) {
        assertThatThrownBy(() -> Quantities.bytesOf(text, 1000)).hasMessageStartingWith("must be a share");
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "90s, PT90S",
        "30m, PT30M",
        "1h, PT1H",
        "1h30m, PT90M",
        "2d, PT48H",
        "500ms, PT0.5S",
        "99999999s, PT99999999S"
    })
    void durations_have_units(String text, Duration duration) {
        assertThat(Quantities.duration(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "1h 30m", "30m1h", "-1s", "PT1H", "never", "1.5h", "999999999s"})
    void other_durations_are_refused(String text) {
        assertThatThrownBy(() -> Quantities.duration(text)).hasMessageStartingWith("must be a duration");
    }

    @Test
    void words_are_what_would_be_written() {
        assertThat(List.of("2G", "512M", "1536M", "1000"))
                .allMatch(text -> Quantities.words(Quantities.bytes(text)).equals(text));
        assertThat(List.of("1h30m", "2d", "90ms"))
                .allMatch(text -> Quantities.words(Quantities.duration(text)).equals(text));
    }

    @Test
    void the_nearest_word_is_found_and_a_far_one_is_not() {
        List<String> keys = List.of("idle", "idle-warning", "title", "memory");
        assertThat(Nearest.to("idel", keys)).hasValue("idle");
        assertThat(Nearest.to("Memroy", keys)).hasValue("memory");
        assertThat(Nearest.to("idle_warning", keys)).hasValue("idle-warning");
        assertThat(Nearest.to("colour", keys)).isEmpty();
    }
}
