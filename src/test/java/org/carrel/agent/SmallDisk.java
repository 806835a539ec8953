package org.carrel.agent;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// A disk of a few megabytes, in memory. Only root can have one, and not in every container.
record SmallDisk(Path at) implements AutoCloseable {
    SmallDisk {
        try {
            Files.createDirectories(at);
            int status = run("mount", "-t", "tmpfs", "-o", "size=4m,mode=0711", "carrel-test", at.toString());
            Assumptions.assumeTrue(status == 0, "mounting is not allowed here");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// Until nothing more fits.
    void fill() throws IOException {
        byte[] page = new byte[4096];
        try (OutputStream out = Files.newOutputStream(at.resolve("filler"))) {
            while (true) out.write(page);
        } catch (IOException full) {
            if (!String.valueOf(full.getMessage()).contains("No space left")) throw full;
        }
    }

    void free() throws IOException {
        Files.delete(at.resolve("filler"));
    }

    @Override
    public void close() throws IOException {
        // lazily: a program that is just ending may still stand in it
        if (run("umount", "-l", at.toString()) != 0) throw new IOException("not unmounted: " + at);
    }

    private static int run(String... command) throws IOException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
