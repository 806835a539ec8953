package org.carrel.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignerTest {
    @TempDir
    Path directory;

    private Path file;
    private Signer signer;

    @BeforeEach
    void open() throws IOException {
        file = directory.resolve("key");
        signer = Signer.open(file);
    }

    @Test
    void what_was_signed_is_believed_also_after_a_restart() throws IOException {
        String signed = signer.sign("p", "ada|é");
        assertThat(signer.verify("p", signed)).contains("ada|é");
        assertThat(Signer.open(file).verify("p", signed)).contains("ada|é");
    }

    @Test
    void the_key_is_for_its_owner_alone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> Signer.open(file)).hasMessageContaining("can be read by others");
    }

    @Test
    void another_purpose_another_key_and_every_changed_character_are_refused() throws IOException {
        String signed = signer.sign("p", "ada");
        assertThat(signer.verify("q", signed)).isEmpty();
        assertThat(Signer.open(directory.resolve("other")).verify("p", signed)).isEmpty();
        for (int i = 0; i < signed.length(); i++) {
            char other = signed.charAt(i) == 'A' ? 'B' : 'A';
            String changed = signed.substring(0, i) + other + signed.substring(i + 1);
            // the last character of a Base64 text holds bits that count for nothing
            if (i != signed.length() - 1 && signed.charAt(i + 1 == signed.length() ? i : i + 1) != '.')
                assertThat(signer.verify("p", changed)).as("changed at %s", i).isEmpty();
        }
    }

    @Test
    void no_algorithm_can_be_named_and_no_part_left_out() {
        String[] parts = signer.sign("p", "ada").split("\\.");
        String none = Base64.getUrlEncoder().withoutPadding().encodeToString("{\"alg\":\"none\"}".getBytes());
        for (String forged : new String[] {
            "",
            ".",
            "..",
            parts[1],
            parts[0] + "." + parts[1],
            parts[0] + "." + parts[1] + ".",
            parts[0] + "." + parts[1] + "." + parts[2].substring(0, 20),
            parts[0] + "." + parts[1] + "." + parts[2] + "." + parts[2],
            none + "." + parts[1] + ".",
            "00000000." + parts[1] + "." + parts[2],
            parts[0] + "." + parts[1] + ".%%%",
            "x".repeat(100_000)
        }) assertThat(signer.verify("p", forged)).as(forged).isEmpty();
    }

    @Test
    void an_old_key_is_believed_and_the_new_one_signs() throws IOException {
        String old = signer.sign("p", "ada");
        String line = "0badcafe " + Base64.getEncoder().encodeToString(new byte[32]) + "\n";
        Files.writeString(file, line + Files.readString(file));
        Signer both = Signer.open(file);
        assertThat(both.verify("p", old)).contains("ada");
        assertThat(both.sign("p", "ada")).startsWith("0badcafe.");
        Files.writeString(file, line);
        assertThat(Signer.open(file).verify("p", old)).isEmpty();
    }

    @Test
    void a_damaged_key_file_is_not_replaced_silently() throws IOException {
        for (String damaged : new String[] {
            "", "0badcafe short\n", "zzz " + Base64.getEncoder().encodeToString(new byte[32])
        }) {
            Files.writeString(file, damaged);
            assertThatThrownBy(() -> Signer.open(file)).isInstanceOf(IOException.class);
        }
    }
}
