package org.carrel.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/// An app of the tests, dropped into a running program as its user would do it.
final class TestApp {
    private TestApp() {}

    /// @param name of a directory in `src/test/resources`; its last part becomes the app's
    static void drop(RunningCarrel carrel, String name) throws Exception {
        Path source = Path.of("src/test/resources", name);
        String id = source.getFileName().toString();
        // whole at once: a directory that begins with a dot is not looked at
        Path directory = Files.createDirectory(carrel.apps().resolve("." + id));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = Files.copy(file, directory.resolve(file.getFileName()));
                Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
            }
        }
        Files.move(directory, carrel.apps().resolve(id));
        RunningCarrel.await("the dropped app", () -> {
            try {
                return carrel.get("ada", "/api/v1/apps")
                        .path("items")
                        .findValuesAsText("id")
                        .contains(id);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
