package org.carrel.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/// A Shiny app of the tests, dropped into a running demo as its user would do it.
final class TestApp {
    private TestApp() {}

    /// @param name of a directory in `src/test/resources/link`, and of the app
    static void drop(RunningCarrel carrel, String name) throws Exception {
        Path apps;
        try (Stream<Path> all = Files.walk(carrel.state(), 5)) {
            apps = all.filter(path -> path.endsWith("apps/counter"))
                    .findFirst()
                    .orElseThrow()
                    .getParent();
        }
        Path directory = Files.createDirectory(apps.resolve(name));
        Path app = Files.copy(Path.of("src/test/resources/link", name, "app.R"), directory.resolve("app.R"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(app, PosixFilePermissions.fromString("rw-r--r--"));
        RunningCarrel.await("the dropped app", () -> {
            try {
                return carrel.get("ada", "/api/v1/apps").toString().contains("\"" + name + "\"");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
