package org.carrel.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// The program as a jar, which it is for its users too. One that gives up root keeps the jars it has open; classes in a
/// directory it couldn't read any more, when the checkout lies where only root may look, as below /root.
final class ProgramJar {
    private static final Path JAR = make(Path.of("target", "classes"));

    private ProgramJar() {}

    /// class path of the program, without the tests
    static String classPath() {
        StringBuilder path = new StringBuilder(JAR.toString());
        for (String part : System.getProperty("java.class.path").split(":"))
            if (part.endsWith(".jar")) path.append(':').append(part);
        return path.toString();
    }

    private static Path make(Path classes) {
        try {
            Path jar = Files.createTempFile(classes.toAbsolutePath().getParent(), "e2e", ".jar");
            jar.toFile().deleteOnExit();
            try (OutputStream out = Files.newOutputStream(jar);
                    ZipOutputStream zip = new ZipOutputStream(out);
                    Stream<Path> all = Files.walk(classes)) {
                // with its directories: the program looks for some of them
                for (Path path : (Iterable<Path>) all.filter(path -> !path.equals(classes))::iterator) {
                    boolean directory = Files.isDirectory(path);
                    zip.putNextEntry(new ZipEntry(classes.relativize(path) + (directory ? "/" : "")));
                    if (!directory) Files.copy(path, zip);
                    zip.closeEntry();
                }
            }
            return jar;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
