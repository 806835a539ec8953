package org.carrel.support;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// The program as a jar, which it is for its users too. One that gives up root keeps the jars it has open; classes in a
/// directory it couldn't read any more, when the checkout lies where only root may look, as below /root.
public final class ProgramJar {
    /// of a test's own JVM: the jar that its parent has made already, and the cache beside it
    private static final String MADE = "carrel.made";

    private static final Path JAR = Optional.ofNullable(System.getProperty(MADE))
            .map(Path::of)
            .orElseGet(() -> make(Path.of("target", "classes")));

    private static final String MAIN = "org.carrel.main.Main";
    private static final List<String> SERVER =
            List.of("-XX:+UseParallelGC", "-Xmn20m", "-XX:TrimNativeHeapInterval=10000", "-XX:+ExitOnOutOfMemoryError");
    private static final List<String> NO_PROFILES =
            List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+IgnoreUnrecognizedVMOptions", "-XX:-AOTRecordTraining");
    private static final int TRAINING_SECONDS = 120;

    private ProgramJar() {}

    /// How the program is started, as the script `carrel` does it: the same flags, and the cache that it makes at its
    /// first start. A start takes half the time with it, and these tests start it more than a hundred times.
    public static List<String> java() {
        List<String> command = new ArrayList<>(common());
        command.addAll(SERVER);
        command.addAll(List.of("-XX:CompileThresholdScaling=10", "-Xmx512m"));
        command.addAll(cached());
        StarterCache.FILE.ifPresent(file -> command.add("-Dcarrel.starter.aot=" + file));
        command.addAll(List.of("-cp", classPath(), MAIN));
        return command;
    }

    /// How a short command is started: without the cache, which would bring all of a server along.
    public static List<String> command() {
        List<String> command = new ArrayList<>(common());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        Cache.FILE.ifPresent(file -> command.add("-Dcarrel.aot=" + file));
        command.addAll(List.of("-cp", classPath(), MAIN));
        return command;
    }

    /// How a test's own `main` is started that is made of parts of the program, with the program's cache.
    /// @param flags of the JVM
    public static List<String> beside(Class<?> main, String... flags) {
        List<String> command = new ArrayList<>(common());
        command.addAll(List.of(flags));
        command.addAll(cached());
        command.addAll(List.of(
                "-cp", classPath() + ":" + Path.of("target", "test-classes").toAbsolutePath(), main.getName()));
        return command;
    }

    /// What tells a test's own JVM not to make all this again.
    public static String made() {
        Cache.FILE.isPresent();
        return "-D" + MADE + "=" + JAR;
    }

    private static List<String> cached() {
        return Cache.FILE
                .map(file ->
                        List.of("-XX:AOTCache=" + file, "-Dcarrel.aot=" + file, "-Xlog:aot*=off", "-Xlog:cds*=off"))
                .orElse(List.of());
    }

    private static List<String> common() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseCompactObjectHeaders");
    }

    /// Made when the first program is started.
    private static final class Cache {
        /// empty when it could not be made; then each start takes longer
        static final Optional<Path> FILE = make();

        private static Optional<Path> make() {
            Path file = Path.of(JAR.toString().replaceFirst("jar$", "aot"));
            if (System.getProperty(MADE) != null) return Optional.of(file).filter(Files::exists);
            List<String> command = new ArrayList<>(common());
            command.addAll(SERVER);
            command.addAll(NO_PROFILES);
            command.addAll(List.of("-XX:AOTCacheOutput=" + file, "-cp", classPath(), MAIN, "warm"));
            return train(command, file);
        }
    }

    /// Root's starter has one of its own. Made when the first program is started.
    private static final class StarterCache {
        static final Optional<Path> FILE = make();

        private static Optional<Path> make() {
            Path file = Path.of(JAR.toString().replaceFirst("jar$", "starter.aot"));
            if (System.getProperty(MADE) != null) return Optional.of(file).filter(Files::exists);
            if (!System.getProperty("user.name").equals("root")) return Optional.empty();
            List<String> command = new ArrayList<>(common());
            command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classPath(), MAIN));
            command.addAll(List.of("warm", "--starter", file.toString()));
            return train(command, file);
        }
    }

    /// @param file the cache that comes of it; empty when none does: then each start takes longer
    private static Optional<Path> train(List<String> command, Path file) {
        Path said = Path.of(file + ".log");
        for (Path left : List.of(file, said, Path.of(file + ".config")))
            left.toFile().deleteOnExit();
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

    /// class path of the program: its own jar, and the libraries as a build puts them beside it
    public static String classPath() {
        try (Stream<Path> libraries = Files.list(Path.of("target", "lib"))) {
            return Stream.concat(
                            Stream.of(JAR), libraries.map(Path::toAbsolutePath).sorted())
                    .map(Path::toString)
                    .collect(Collectors.joining(":"));
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
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
