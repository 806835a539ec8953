package org.carrel.gateway.restart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What this process holds open, as the kernel shows it.
final class Descriptors {
    private Descriptors() {}

    /// of the same open socket or file, this one among them
    static int ofTheSame(int descriptor) throws IOException {
        String what = target(Path.of("/proc/self/fd/" + descriptor));
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return (int) all.filter(one -> target(one).equals(what)).count();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
