package org.carrel.main;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Where this program lies and how to start a part of it as a process of its own.
final class Program {
    private Program() {}

    /// the jar, or the directory of classes, that holds this program's own code
    static Path code() {
        try {
            return Path.of(Program.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException("the program doesn't know where it lies", impossible);
        }
    }

    /// The directory with `demo/` and `carrel`; empty when the program was taken out of its home.
    static Optional<Path> home() {
        for (Path place = code().getParent(); place != null; place = place.getParent())
            if (Files.isDirectory(place.resolve("demo/apps"))) return Optional.of(place);
        return Optional.empty();
    }

    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /// How another process becomes this same program: by its script, which knows the best way, else as this one was.
    static List<String> command() {
        String script = System.getProperty("carrel.program");
        if (script != null) return List.of(script);
        List<String> command = new ArrayList<>(List.of(
                java().toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseCompactObjectHeaders"));
        String cache = System.getProperty("carrel.aot");
        if (cache != null)
            command.addAll(
                    List.of("-XX:AOTCache=" + cache, "-Dcarrel.aot=" + cache, "-Xlog:aot*=off", "-Xlog:cds*=off"));
        String starters = System.getProperty("carrel.starter.aot");
        if (starters != null) command.add("-Dcarrel.starter.aot=" + starters);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        return command;
    }

    /// A command for the built-in app that any user of this machine can run, whatever the rights of the place Carrel
    /// lies in: its few
    /// classes are copied where sessions may read.
    /// @param readable a directory all users may enter
    static List<String> hello(Path readable) throws IOException {
        Path copy = readable.resolve("hello");
        copy(
                List.of(
                        "org/carrel/hello/Hello.class",
                        "org/carrel/hello/HelloConnection.class",
                        "org/carrel/hello/HelloConnection$ChannelOutput.class",
                        "hello/index.html"),
                copy);
        return List.of(
                java().toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx48m",
                "-Xss512k",
                "-cp",
                copy.toString(),
                "org.carrel.hello.Hello");
    }

    /// Sessions that run may be reading it: they see the old one or the new one.
    private static void put(byte[] content, Path to) throws IOException {
        if (Files.exists(to) && Arrays.equals(Files.readAllBytes(to), content)) return;
        Path fresh = to.resolveSibling(to.getFileName() + ".new");
        Files.write(fresh, content);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void copy(List<String> resources, Path into) throws IOException {
        for (String name : resources) {
            Path to = into.resolve(name);
            for (Path made = to.getParent();
                    made != null && made.startsWith(into.getParent());
                    made = made.getParent()) {
                Files.createDirectories(made);
                Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            try (var in = Program.class.getResourceAsStream("/" + name)) {
                if (in == null) throw new IOException(name + " is missing from the program");
                put(in.readAllBytes(), to);
            }
        }
    }
}
