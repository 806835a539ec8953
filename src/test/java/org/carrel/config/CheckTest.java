package org.carrel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.carrel.config.Check.Outcome;
import org.carrel.config.Check.UsersFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckTest {
    @TempDir
    Path directory;

    private List<UsersFault> faults = List.of();

    private Outcome check(String text) {
        return Check.run(
                new Written(directory).file(text).configuration(),
                app -> app.kind().value().equals("shiny") ? Optional.of("R is not installed") : Optional.empty(),
                users -> faults);
    }

    private String text(Outcome outcome) {
        return outcome.text().replace(directory + "/", "");
    }

    @Test
    void errors_end_it_with_1_and_their_number() {
        Outcome outcome = check("drain: soon\nlog: loud\n");
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(text(outcome)).endsWith("carrel.yaml: 2 errors, 0 warnings\n");
    }

    @Test
    void a_good_file_ends_it_with_0_and_says_what_would_be() {
        new Written(directory).file(directory.resolve("users"), "");
        Outcome outcome = check("node: {name: n1}\napps: {tool: {kind: web}}\n");
        assertThat(outcome.exit()).isZero();
        assertThat(text(outcome)).isEqualTo("""
                carrel.yaml: 0 errors, 0 warnings
                  listens at 127.0.0.1:8080
                  each session on its own origin below *.localhost
                  node n1 gives 7372M of memory and 4.0 cores to at most 100 sessions
                  apps: tool (web)
                  who did what is written to state/audit/audit.jsonl
                """);
    }

    @Test
    void what_could_not_be_started_is_a_warning() {
        Outcome outcome = check("apps: {a: {kind: shiny, path: nowhere}}\n");
        assertThat(outcome.exit()).isZero();
        assertThat(text(outcome))
                .contains("carrel.yaml:1:31: warning: apps.a.path is not a directory: nowhere")
                .contains("users: warning: no users file yet, so nobody can sign in")
                .contains("warning: apps.a can't be started here: R is not installed");
    }

    @Test
    void what_does_not_count_in_the_users_file_is_said_with_its_line_and_without_the_line() {
        new Written(directory).file(directory.resolve("users"), "ada:secret\n");
        faults = List.of(new UsersFault(1, "the password must be hashed"));
        Outcome outcome = check("log: plain\n");
        assertThat(outcome.exit()).isZero();
        assertThat(text(outcome))
                .contains("users:1:1: warning: the password must be hashed; the line doesn't count\n")
                .contains("0 errors, 1 warning")
                .doesNotContain("secret");
    }

    @Test
    void a_users_file_that_can_not_be_read_is_an_error_since_nothing_would_start() {
        new Written(directory).file(directory.resolve("users"), "");
        faults = List.of(new UsersFault(0, "can't be read: it is not UTF-8"));
        Outcome outcome = check("log: plain\n");
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(text(outcome)).contains("users: error: can't be read: it is not UTF-8\n");
    }

    @Test
    void dropped_directories_are_checked_too() {
        new Written(directory).file(directory.resolve("apps/geyser/carrel.yaml"), "kind: shiny\nidel: 1h\n");
        Outcome outcome = check("log: plain\n");
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(text(outcome)).contains("apps/geyser/carrel.yaml:2:1: error: unknown key \"idel\"; did you mean");
    }
}
