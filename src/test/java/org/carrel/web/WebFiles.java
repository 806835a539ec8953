package org.carrel.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The pages' files, as they lie in the source tree.
final class WebFiles {
    static final Path ROOT = Path.of("src/main/resources/web");

    private WebFiles() {}

    static String read(String name) {
        try {
            return Files.readString(ROOT.resolve(name));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /// names of all files with this ending, relative to the root, sorted
    static List<String> named(String ending) {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .map(file -> ROOT.relativize(file).toString())
                    .sorted()
                    .toList();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
