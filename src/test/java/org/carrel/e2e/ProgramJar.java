package org.carrel.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// The program as a jar, which it is for its users too. One that gives up root keeps the jars it has open; classes in a
/// directory it couldn't read any more, when the checkout lies where only root may look, as below /root.
final class ProgramJar {
    private static final Path JAR = make(Path.of("target", "classes"));

    private static final String MAIN = "org.carrel.main.Main";
    private static final int TRAINING_SECONDS = 120;

    private ProgramJar() {}

    /// How the program is started, as the script `carrel` does it: the same flags, and the cache that it makes at its
    /// first start. A start takes half the time with it, and these tests start it more than a hundred times.
    static List<String> java() {
        List<String> command = new ArrayList<>(common());
        // the profiles of the training run are wanted, those of a test aren't
        command.addAll(List.of("-XX:CompileThresholdScaling=10", "-Xmx512m"));
        Cache.FILE.ifPresent(file -> command.addAll(
                List.of("-XX:AOTCache=" + file, "-Dcarrel.aot=" + file, "-Xlog:aot*=off", "-Xlog:cds*=off")));
        command.addAll(List.of("-cp", classPath(), MAIN));
        return command;
    }

    private static List<String> common() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseCompactObjectHeaders",
                "-XX:+UseParallelGC",
                "-Xmn64m",
                "-XX:+ExitOnOutOfMemoryError");
    }

    /// Made when the first program is started.
    private static final class Cache {
        /// empty when it could not be made; then each start takes longer
        static final Optional<Path> FILE = make();

        private static Optional<Path> make() {
            Path file = Path.of(JAR.toString().replaceFirst("jar$", "aot"));
            Path said = Path.of(JAR.toString().replaceFirst("jar$", "aot.log"));
            file.toFile().deleteOnExit();
            said.toFile().deleteOnExit();
            Path.of(file + ".config").toFile().deleteOnExit();
            List<String> command = new ArrayList<>(common());
            command.addAll(List.of("-XX:AOTCacheOutput=" + file, "-cp", classPath(), MAIN, "warm"));
            try {
                Process training = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
                boolean ended = training.waitFor(TRAINING_SECONDS, TimeUnit.SECONDS);
                // the cache is written by a child of the training run
                training.descendants().forEach(ProcessHandle::destroyForcibly);
                training.destroyForcibly();
                if (ended && Files.exists(file)) return Optional.of(file);
                System.out.println("no cache for a quick start of the program: " + Files.readString(said));
                return Optional.empty();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

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
