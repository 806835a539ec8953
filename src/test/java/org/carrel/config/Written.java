package org.carrel.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.config.Configuration.Loaded;

/// A settings file in a directory of a test, read as on a machine with 8 GiB, 4 cores and the name Lab-1.
final class Written {
    static final Machine MACHINE = new Machine("Lab-1.example.org", 8L << 30, 4);
    static final Set<String> KINDS = Set.of("shiny", "jupyter", "web");

    private final Path directory;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, String> flags = new LinkedHashMap<>();

    private Set<String> kinds = KINDS;

    Written(Path directory) {
        this.directory = directory;
    }

    Path file() {
        return directory.resolve("carrel.yaml");
    }

    Written file(String text) {
        return file(directory.resolve("carrel.yaml"), text);
    }

    Written file(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    Written kinds(Set<String> those) {
        kinds = those;
        return this;
    }

    Written variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Written flag(String path, String value) {
        flags.put(path, value);
        return this;
    }

    Configuration configuration() {
        Places places = new Places(directory, directory.resolve("state"), Path.of("/run/test"));
        return new Configuration(
                Files.exists(file()) ? Optional.of(file()) : Optional.empty(),
                environment,
                flags,
                kinds,
                places,
                MACHINE,
                Optional.empty());
    }

    Settings settings() {
        return switch (configuration().load()) {
            case Loaded.Usable usable -> usable.settings();
            case Loaded.Unusable unusable ->
                throw new AssertionError(unusable.report().pretty());
        };
    }

    /// what there is to say, with the directory of the test taken out
    List<String> said() {
        return configuration().load().report().lines().stream()
                .map(line -> line.replace(directory + "/", ""))
                .toList();
    }
}
