package org.carrel.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.carrel.support.Await;
import org.carrel.support.PemFiles;
import org.carrel.trust.ServerKey.UnusableException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateTest {
    private static final Duration OFTEN = Duration.ofMillis(20);

    /// making keys takes a while
    @TempDir
    static Path made;

    private static PemFiles first;
    private static PemFiles second;

    @TempDir
    Path directory;

    private PemFiles files;

    @BeforeAll
    static void make() throws Exception {
        first = PemFiles.make(made, "first");
        second = PemFiles.make(made, "second");
    }

    @BeforeEach
    void copy() throws Exception {
        files = first.copy(directory);
    }

    @Test
    void a_new_pair_is_taken_when_both_files_are_there() throws Exception {
        try (Certificate certificate = open()) {
            SslContext before = certificate.context();
            second.replace(files);
            Await.until("the new pair is in use", () -> certificate.context() != before);
            assertThat(certificate.problem()).isEmpty();
        }
    }

    @Test
    void a_pair_that_cannot_be_used_leaves_the_one_in_use_alone() throws Exception {
        try (Certificate certificate = open()) {
            SslContext before = certificate.context();
            Files.writeString(files.key(), "gone wrong");
            Await.until("the fault is told", () -> certificate.problem().isPresent());
            assertThat(certificate.problem().orElseThrow())
                    .contains("the certificate in use stays", files.key().toString());
            assertThat(certificate.context()).isSameAs(before);
            second.replace(files);
            Await.until("the mended pair is in use", () -> certificate.context() != before);
            assertThat(certificate.problem()).isEmpty();
        }
    }

    @Test
    void files_that_are_gone_for_a_while_are_a_fault_and_no_more() throws Exception {
        try (Certificate certificate = open()) {
            byte[] bytes = Files.readAllBytes(files.certificate());
            Files.delete(files.certificate());
            Await.until("the fault is told", () -> certificate.problem().isPresent());
            Files.write(files.certificate(), bytes);
            Await.until("it is over", () -> certificate.problem().isEmpty());
        }
    }

    @Test
    void an_end_within_two_weeks_is_told_ahead() throws Exception {
        PemFiles soon = PemFiles.make(directory, "soon", "-keyalg", "EC", "-validity", "10");
        try (Certificate certificate = Certificate.open(soon.certificate(), soon.key(), InstantSource.system())) {
            assertThat(certificate.problem().orElseThrow()).contains("ends at", "renew it");
        }
    }

    @Test
    void without_a_usable_pair_there_is_nothing_to_begin_with() {
        assertThatThrownBy(() -> Certificate.open(files.key(), files.key(), InstantSource.system()))
                .isInstanceOf(UnusableException.class);
    }

    private Certificate open() throws UnusableException {
        return Certificate.open(files.certificate(), files.key(), InstantSource.system(), OFTEN);
    }
}
