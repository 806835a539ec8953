package org.carrel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.AbstractThrowableAssert;
import org.carrel.support.PemFiles;
import org.carrel.trust.ServerKey.UnusableException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerKeyTest {
    /// making keys takes a while
    @TempDir
    static Path made;

    private static PemFiles first;
    private static PemFiles second;

    @TempDir
    Path directory;

    @BeforeAll
    static void make() throws Exception {
        first = PemFiles.make(made, "a");
        second = PemFiles.make(made, "b");
    }

    @ParameterizedTest
    @CsvSource({"EC,-groupname,secp256r1", "RSA,-keysize,2048", "Ed25519,-validity,10"})
    void keys_of_all_common_kinds_are_read(String algorithm, String option, String value) throws Exception {
        PemFiles files = PemFiles.make(directory, "a", "-keyalg", algorithm, option, value);
        ServerKey pair = ServerKey.read(files.certificate(), files.key());
        assertThat(pair.chain()).hasSize(1);
        assertThat(pair.ends()).isAfter(Instant.now().plus(Duration.ofDays(8)));
    }

    @Test
    void what_stands_above_the_certificate_comes_along() throws Exception {
        PemFiles files = first.copy(directory);
        PemFiles above = second;
        String both = Files.readString(files.certificate()) + "\n# the next\n" + Files.readString(above.certificate());
        Files.writeString(files.certificate(), both);
        assertThat(ServerKey.read(files.certificate(), files.key()).chain())
                .extracting(it -> it.getSubjectX500Principal().getName())
                .containsExactly("CN=a", "CN=b");
    }

    @Test
    void a_key_of_another_certificate_is_found_out() throws Exception {
        PemFiles files = first.copy(directory);
        PemFiles others = second;
        refused(files.certificate(), others.key()).hasMessageContaining("is not the key of the certificate in");
        PemFiles rsa = PemFiles.make(directory, "c", "-keyalg", "RSA", "-keysize", "2048");
        refused(files.certificate(), rsa.key()).hasMessageContaining("holds no EC key");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|holds no private key",
                "hello|holds no private key",
                "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----|holds no EC key",
                "-----BEGIN PRIVATE KEY-----\\nMIGH|holds no private key",
                "-----BEGIN RSA PRIVATE KEY-----\\nMIGH|openssl pkcs8 -topk8 -nocrypt",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\\nMIGH|locked with a password"
            })
    void a_key_that_cannot_be_used_says_what_to_do(String text, String said) throws Exception {
        PemFiles files = first.copy(directory);
        Files.writeString(files.key(), text == null ? "" : text.replace("\\n", "\n"));
        refused(files.certificate(), files.key())
                .hasMessageStartingWith(files.key() + " ")
                .hasMessageContaining(said);
    }

    @Test
    void a_certificate_that_cannot_be_used_says_so() throws Exception {
        PemFiles files = first.copy(directory);
        String whole = Files.readString(files.certificate());
        Files.writeString(files.certificate(), whole.substring(0, whole.length() / 2));
        refused(files.certificate(), files.key()).hasMessageContaining("holds no certificate that can be read");
        Files.writeString(files.certificate(), "");
        refused(files.certificate(), files.key()).hasMessageContaining("holds no certificate");
        Files.write(files.certificate(), new byte[1 << 20]);
        refused(files.certificate(), files.key()).hasMessageContaining("too large");
        Files.delete(files.certificate());
        refused(files.certificate(), files.key()).hasMessageContaining("is not there");
        refused(directory, files.key()).hasMessageContaining("can't be read");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(Path certificate, Path key) {
        return assertThatThrownBy(() -> ServerKey.read(certificate, key)).isInstanceOf(UnusableException.class);
    }
}
