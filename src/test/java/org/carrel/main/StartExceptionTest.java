package org.carrel.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class StartExceptionTest {
    @Test
    void bare_paths_of_the_jdk_become_sentences() {
        assertThat(said(new AccessDeniedException("/etc/carrel/users")))
                .isEqualTo("/etc/carrel/users may not be read or written by " + System.getProperty("user.name"));
        assertThat(said(new NoSuchFileException("/srv/x"))).isEqualTo("there is no /srv/x");
        assertThat(said(new FileSystemException("/srv/x", null, "Read-only file system")))
                .isEqualTo("/srv/x: Read-only file system");
    }

    @Test
    void a_sentence_stays_as_it_is() {
        assertThat(said(new IOException("the privileged starter did not come up")))
                .isEqualTo("the privileged starter did not come up");
    }

    @Test
    void what_has_no_words_is_named_all_the_same() {
        assertThat(said(new IOException())).isEqualTo("java.io.IOException");
        assertThat(said(new IllegalStateException("odd")))
                .isEqualTo("java.lang.IllegalStateException: odd; CARREL_LOG_LEVEL=debug shows where");
    }

    private static String said(Exception cause) {
        StartException exception = StartException.of(cause);
        assertThat(exception).hasCause(cause);
        assertThat(exception.getMessage()).startsWith("carrel: not started: ");
        return exception.getMessage().substring("carrel: not started: ".length());
    }
}
