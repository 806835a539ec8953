package org.carrel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.carrel.config.RInstall.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the demo is made of: its settings, its apps, and R on demand.
class DemoTest {
    @TempDir
    Path directory;

    private final Places places = Places.of(Map.of(), "/home/ada", false);

    @Test
    void the_demo_lives_apart_from_everything_real() {
        Settings settings = DemoSettings.of(DemoNode.ALONE, 8080, Optional.empty(), places, Written.MACHINE, true)
                .settings();
        assertThat(settings.stateDirectory()).isEqualTo(Path.of("/home/ada/.local/state/carrel/demo/n1"));
        assertThat(settings.listen()).allMatch(Settings.Listen::isLoopback);
        assertThat(settings.apps()).extracting(app -> app.id().value()).containsExactly("notebook", "hello");
        assertThat(Places.of(Map.of("XDG_STATE_HOME", "/s"), "/root", true)
                        .demo("n1")
                        .state())
                .isEqualTo(Path.of("/var/lib/carrel/demo/n1"));
        assertThat(Places.of(Map.of("XDG_STATE_HOME", "/s"), "/home/ada", false)
                        .demo("n1")
                        .state())
                .isEqualTo(Path.of("/s/carrel/demo/n1"));
    }

    @Test
    void without_jupyter_there_is_no_notebook() {
        assertThat(DemoSettings.of(DemoNode.ALONE, 8080, Optional.empty(), places, Written.MACHINE, false)
                        .settings()
                        .apps())
                .extracting(app -> app.id().value())
                .containsExactly("hello");
    }

    @Test
    void one_password_for_all_made_of_words_unless_given() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) seen.add(DemoSettings.words(new SecureRandom()));
        assertThat(seen).hasSizeGreaterThan(95).allMatch(word -> word.matches("[a-z]+(-[a-z]+){3}"));
        DemoSettings demo = DemoSettings.of(DemoNode.ALONE, 8080, Optional.of("pw"), places, Written.MACHINE, false);
        assertThat(demo.password()).isEqualTo("pw");
        assertThat(demo.accounts())
                .extracting(account -> account.user().value())
                .containsExactly("ada", "ben", "admin");
        assertThatThrownBy(() -> DemoSettings.of(DemoNode.ALONE, 8080, Optional.of(""), places, Written.MACHINE, false))
                .hasMessageContaining("1 to 200");
    }

    @Test
    void the_shipped_apps_are_copied_and_become_apps_and_what_was_dropped_beside_them_stays() throws Exception {
        Places own = new Places(directory, directory, Path.of("/run/x"));
        DemoSettings demo = DemoSettings.of(DemoNode.ALONE, 8080, Optional.empty(), own, Written.MACHINE, false);
        Path apps = demo.settings().appsDirectory();
        new Written(directory).file(apps.resolve("mine/app.R"), "mine").file(apps.resolve("counter/app.R"), "older");
        demo.copyApps(Path.of("demo/apps"));
        demo.copyApps(Path.of("demo/apps"));
        assertThat(apps.resolve("counter/app.R")).hasSameTextualContentAs(Path.of("demo/apps/counter/app.R"));
        assertThat(Files.getPosixFilePermissions(apps.resolve("faithful/app.R")))
                .hasSize(4);
        try (LiveCatalogue catalogue = LiveCatalogue.open(
                demo.configuration(Written.KINDS, Written.MACHINE),
                demo.settings(),
                app -> Optional.empty(),
                java.time.InstantSource.system(),
                org.carrel.port.Audit.NONE)) {
            assertThat(catalogue.entries())
                    .extracting(entry -> entry.app().title())
                    .containsExactly("Hello", "Counter", "Old Faithful", "Mine");
            assertThat(catalogue.lastProblem()).isEmpty();
        }
    }

    @Test
    void r_that_is_there_is_left_alone() throws Exception {
        FakeTools tools = new FakeTools(true, true, "Rscript", "apt-get");
        assertThat(tools.ensure(true)).isEqualTo(new Outcome.Present());
        assertThat(tools.ran).isEmpty();
    }

    @Test
    void r_is_installed_with_a_word_of_what_and_why() throws Exception {
        FakeTools tools = new FakeTools(true, false, "apt-get");
        assertThat(tools.ensure(true)).isEqualTo(new Outcome.Installed());
        assertThat(tools.said.getFirst())
                .startsWith("R is not installed; installing r-base-core and r-cran-shiny with apt-get, so that");
        assertThat(tools.ran.getLast()).contains("install", "--no-install-recommends", "r-base-core", "r-cran-shiny");
    }

    @Test
    void a_failing_update_is_tried_again_and_ends_nothing() throws Exception {
        FakeTools tools = new FakeTools(true, false, "apt-get");
        tools.updateStatus = 100;
        assertThat(tools.ensure(true)).isEqualTo(new Outcome.Installed());
        assertThat(tools.ran).hasSize(4);
    }

    @Test
    void where_it_may_not_install_it_says_why_and_how() throws Exception {
        assertThat(new FakeTools(true, false, "apt-get").ensure(false))
                .asString()
                .contains("--no-install", RInstall.BY_HAND);
        assertThat(new FakeTools(false, false, "apt-get").ensure(true))
                .asString()
                .contains("only root", RInstall.BY_HAND);
        assertThat(new FakeTools(true, false).ensure(true)).asString().contains("not a Debian");
        assertThat(new FakeTools(true, false, "Rscript").ensure(false))
                .asString()
                .contains("R has no Shiny");
    }

    @Test
    void a_failed_installation_shows_the_last_lines_and_the_demo_goes_on() throws Exception {
        FakeTools tools = new FakeTools(true, false, "apt-get");
        tools.installStatus = 100;
        assertThat(tools.ensure(true)).asString().contains("failed with status 100", "The demo goes on");
        assertThat(tools.said).contains("  E: no space left");
    }

    @Test
    void a_program_that_fails_gives_its_last_lines() throws Exception {
        List<String> lines = new ArrayList<>();
        int status = RInstall.machine(line -> {})
                .run(List.of("sh", "-c", "seq 10; exit 3"), Duration.ofSeconds(20), lines::addAll);
        assertThat(status).isEqualTo(3);
        assertThat(lines).containsExactly("6", "7", "8", "9", "10");
    }

    private static final class FakeTools implements RInstall.Tools {
        private final boolean root;
        private boolean shiny;
        private final Set<String> programs;
        private final List<List<String>> ran = new ArrayList<>();
        private final List<String> said = new ArrayList<>();
        private int updateStatus;
        private int installStatus;

        FakeTools(boolean root, boolean shiny, String... programs) {
            this.root = root;
            this.shiny = shiny;
            this.programs = new HashSet<>(List.of(programs));
        }

        Outcome ensure(boolean mayInstall) throws InterruptedException {
            return new RInstall(this, said::add).ensure(mayInstall);
        }

        @Override
        public boolean isRoot() {
            return root;
        }

        @Override
        public boolean has(String program) {
            return programs.contains(program);
        }

        @Override
        public boolean hasShiny() {
            return shiny;
        }

        @Override
        public int run(List<String> command, Duration patience, Consumer<List<String>> lines) {
            ran.add(command);
            if (command.contains("update")) return updateStatus;
            if (installStatus != 0) {
                lines.accept(List.of("E: no space left"));
                return installStatus;
            }
            programs.add("Rscript");
            shiny = true;
            return 0;
        }
    }
}
