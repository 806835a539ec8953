package org.carrel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.config.Configuration.Loaded;
import org.junit.jupiter.api.Test;

/// What a release offers to begin with.
class ExampleSettingsTest {
    @Test
    void the_example_is_without_fault() {
        Configuration example = new Configuration(
                Optional.of(Path.of("examples/carrel.yaml")),
                Map.of(),
                Map.of(),
                Set.of("shiny", "jupyter", "web"),
                Places.here(),
                Machine.here(),
                Optional.empty());
        assertThat(example.load())
                .isInstanceOfSatisfying(
                        Loaded.Usable.class,
                        usable -> assertThat(usable.report().findings()).isEmpty());
    }
}
