package org.carrel.auth.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.carrel.auth.Authenticator;
import org.carrel.auth.Authenticator.Credentials;
import org.carrel.auth.AuthenticatorContract;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAuthenticatorTest extends AuthenticatorContract {
    private static final PasswordHash HASH = PasswordHash.of(PASSWORD);

    @TempDir
    Path directory;

    private Users users;

    @BeforeEach
    void open() throws IOException {
        Path file = directory.resolve("users");
        Files.writeString(file, UserLines.line(ADA, HASH, Set.of("stats")) + "\n");
        users = Users.open(file);
    }

    @AfterEach
    void close() {
        users.close();
    }

    @Override
    protected Authenticator authenticator() {
        return new FileAuthenticator(users);
    }

    @Test
    void the_time_of_the_answer_does_not_tell_who_exists() throws Exception {
        Authenticator authenticator = authenticator();
        List<Long> known = new ArrayList<>();
        List<Long> unknown = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            known.add(nanos(authenticator, ADA));
            unknown.add(nanos(authenticator, new UserId("nobody" + i)));
        }
        // The quickest of each; without the decoy the ratio would be a thousandth. A closer bound would measure the
        // other tenants of this machine.
        double ratio = (double) Collections.min(unknown) / Collections.min(known);
        assertThat(ratio).isBetween(0.4, 2.5);
    }

    private static long nanos(Authenticator authenticator, UserId user) throws InterruptedException {
        long start = System.nanoTime();
        authenticator.authenticate(new Credentials(user, "wrong"));
        return System.nanoTime() - start;
    }
}
