package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CookieKeysTest {
    @TempDir
    Path directory;

    private final CookieKeys keys = new CookieKeys();

    private Path written(String name, String rights, String text) throws Exception {
        Path file = Files.writeString(directory.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    }

    @Test
    void the_whole_file_is_the_key() throws Exception {
        String text = "1b2c3d4e-0000-4000-8000-abcdefabcdef\n";
        assertThat(keys.key(written("a", "rw-------", text).toString())).isEqualTo(text.getBytes());
        assertThat(keys.obstacle(written("b", "rw-r-----", text).toString())).isEmpty();
    }

    @Test
    void a_key_that_was_read_is_kept_when_its_file_is_out_of_reach_later() throws Exception {
        Path file = written("a", "rw-------", "x".repeat(36));
        keys.look(file.toString());
        Files.delete(file);
        assertThat(keys.key(file.toString())).hasSize(36);
    }

    @Test
    void a_key_that_others_may_read_or_write_is_none() throws Exception {
        for (String rights : new String[] {"rw----r--", "rw--w----", "rw-----w-", "rw---x---"})
            assertThat(keys.obstacle(written(rights, rights, "x".repeat(36)).toString()))
                    .as(rights)
                    .hasValueSatisfying(why -> assertThat(why).contains("open to others", "chmod 600"));
    }

    @Test
    void what_can_be_no_key_is_refused_with_the_next_step() throws Exception {
        assertThat(keys.obstacle(directory.resolve("none").toString()))
                .hasValueSatisfying(why -> assertThat(why).contains("there is no", "copy it to all"));
        assertThat(keys.obstacle(written("short", "rw-------", "x".repeat(31)).toString()))
                .hasValueSatisfying(why -> assertThat(why).contains("32 to 4096 bytes"));
        assertThat(keys.obstacle(written("long", "rw-------", "x".repeat(4097)).toString()))
                .hasValueSatisfying(why -> assertThat(why).contains("not 4097"));
        assertThat(keys.obstacle(directory.toString()))
                .hasValueSatisfying(why -> assertThat(why).contains("no plain file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), written("real", "rw-------", "x".repeat(36)));
        assertThatThrownBy(() -> keys.key(link.toString())).hasMessageContaining("no plain file");
    }
}
