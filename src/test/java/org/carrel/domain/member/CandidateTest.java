package org.carrel.domain.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CandidateTest {
    @ParameterizedTest
    @CsvSource({
        "n2, n2, 7443",
        "n2.lab.example:1, n2.lab.example, 1",
        "192.168.1.7, 192.168.1.7, 7443",
        "192.168.1.7:65535, 192.168.1.7, 65535",
        "[fe80::1]:9, fe80::1, 9",
        "[::1], ::1, 7443",
        "fe80::1%eth0, fe80::1%eth0, 7443"
    })
    void a_host_stands_alone_or_with_the_port_of_its_door(String text, String host, int port) {
        assertThat(Candidate.of(text)).isEqualTo(new Candidate(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":80",
                "n2:",
                "n2:0",
                "n2:65536",
                "http://n2",
                "a b",
                "-n",
                "n2:7443:1",
                "[n2",
                "a/b",
                "é"
            })
    void anything_else_is_refused(String text) {
        assertThatThrownBy(() -> Candidate.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be a host");
    }

    @Test
    void what_it_prints_reads_as_the_same() {
        for (String text : new String[] {"n2:1", "10.0.0.1:2", "[fe80::1]:3"})
            assertThat(Candidate.of(Candidate.of(text).toString())).isEqualTo(Candidate.of(text));
    }
}
