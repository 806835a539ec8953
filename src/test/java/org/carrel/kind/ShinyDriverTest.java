package org.carrel.kind;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShinyDriverTest extends KindContract {
    @TempDir
    Path directory;

    @Override
    KindDriver driver() {
        return new ShinyDriver();
    }

    @Override
    App app() {
        return app(driver(), Optional.of(directory.toString()), List.of());
    }

    @Test
    void without_R_the_obstacle_says_how_to_install_it() throws Exception {
        Files.writeString(directory.resolve("app.R"), "");
        assertThat(new ShinyDriver(new Programs(List.of("/nowhere"))).obstacle(app()))
                .hasValueSatisfying(text -> assertThat(text).contains("apt-get install r-base-core r-cran-shiny"));
    }

    @Test
    void the_window_is_told_to_R_and_without_one_no_link_is_loaded() {
        App app = app();
        var linked =
                driver().plan(app.withResumeWindow(Optional.of(java.time.Duration.ofSeconds(90))), site(endpoint()));
        assertThat(linked.environment()).containsEntry("CARREL_LINK_WINDOW", "90");
        assertThat(linked.files()).containsOnlyKeys("link.R", "link-shiny.R", "link.js");
        var plain = driver().plan(app.withResumeWindow(Optional.empty()), site(endpoint()));
        assertThat(plain.environment()).doesNotContainKey("CARREL_LINK");
        assertThat(plain.files()).isEmpty();
    }

    @Test
    @Needs(Needs.Thing.R)
    void with_R_and_shiny_and_an_app_there_is_no_obstacle() throws Exception {
        Files.writeString(directory.resolve("app.R"), "");
        assertThat(driver().obstacle(app())).isEmpty();
    }

    @Test
    void an_R_without_shiny_is_an_obstacle() throws Exception {
        Files.writeString(directory.resolve("app.R"), "");
        Path places = Files.createDirectory(directory.resolve("bin"));
        Path r = Files.writeString(places.resolve("R"), "#!/bin/sh\necho '[]'\n");
        r.toFile().setExecutable(true);
        assertThat(new ShinyDriver(new Programs(List.of(places.toString()))).obstacle(app()))
                .hasValueSatisfying(text -> assertThat(text).contains("r-cran-shiny"));
    }

    @Test
    void a_directory_without_an_app_is_named() {
        assertThat(driver().obstacle(app()))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("wrong directory", directory.toString(), "app.R"));
    }

    @Test
    void a_directory_that_is_not_there_is_named() {
        assertThat(driver().obstacle(app(driver(), Optional.of("/nowhere"), List.of())))
                .contains("there is no directory /nowhere");
    }
}
