package org.carrel.auth.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import org.carrel.auth.file.UserLines.Fault;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
    private static final UserId ADA = new UserId("ada");
    private static final UserId BEN = new UserId("ben");
    private static final PasswordHash HASH = PasswordHash.of("pw");

    @TempDir
    Path directory;

    @Test
    void a_changed_file_counts_without_restart() throws IOException {
        Path file = file(UserLines.line(ADA, HASH, Set.of()));
        try (Users users = Users.open(file)) {
            Files.writeString(
                    file, UserLines.line(ADA, HASH, Set.of("admin")) + "\n" + UserLines.line(BEN, HASH, Set.of()));
            users.refresh();
            assertThat(users.find(ADA).orElseThrow().groups()).containsExactly("admin");
            assertThat(users.find(BEN)).isPresent();
            long before = users.version();
            Files.writeString(file, "# nobody\n");
            users.refresh();
            assertThat(users.version()).isGreaterThan(before);
            assertThat(users.find(ADA)).isEmpty();
        }
    }

    @Test
    void a_file_that_was_put_in_place_of_the_old_one_counts_too() throws IOException {
        Path file = file(UserLines.line(ADA, HASH, Set.of()));
        try (Users users = Users.open(file)) {
            Path next = directory.resolve("next");
            Files.writeString(next, UserLines.line(BEN, HASH, Set.of()));
            Files.setLastModifiedTime(next, Files.getLastModifiedTime(file));
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
            users.refresh();
            assertThat(users.find(BEN)).isPresent();
        }
    }

    @Test
    void a_file_that_vanished_leaves_the_users_of_before() throws IOException {
        Path file = file(UserLines.line(ADA, HASH, Set.of()));
        try (Users users = Users.open(file)) {
            Path away = Files.move(file, directory.resolve("away"));
            users.refresh();
            assertThat(users.find(ADA)).isPresent();
            assertThat(users.faults())
                    .containsExactly(new Fault(0, "can't be read, so the users of before stay: there is no such file"));
            Files.move(away, file);
            users.refresh();
            assertThat(users.faults()).as("when it is back").isEmpty();
        }
    }

    @Test
    void bad_lines_are_faults_until_they_are_mended() throws IOException {
        Path file = file("ada:secret\n" + UserLines.line(BEN, HASH, Set.of()));
        try (Users users = Users.open(file)) {
            assertThat(users.find(BEN)).isPresent();
            assertThat(users.faults()).isEqualTo(Users.faultsOf(file)).hasSize(1);
            assertThat(users.faults().getFirst().line()).isEqualTo(1);
            Files.write(file, new byte[] {'a', (byte) 0xe9, ':'});
            users.refresh();
            assertThat(users.find(BEN)).as("of before").isPresent();
            assertThat(users.faults().getFirst().what()).endsWith("it is not UTF-8");
            assertThat(Users.faultsOf(file)).containsExactly(new Fault(0, "can't be read: it is not UTF-8"));
            Files.writeString(file, UserLines.line(ADA, HASH, Set.of()));
            users.refresh();
            assertThat(users.faults()).isEmpty();
            assertThat(users.find(ADA)).isPresent();
        }
    }

    @Test
    void without_a_users_file_nothing_starts() {
        assertThatThrownBy(() -> Users.open(directory.resolve("none"))).isInstanceOf(IOException.class);
    }

    private Path file(String content) throws IOException {
        Path file = directory.resolve("users");
        Files.writeString(file, content);
        return file;
    }
}
