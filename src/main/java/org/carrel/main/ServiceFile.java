package org.carrel.main;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/// One file that starts Carrel with the machine. One that somebody else wrote stays unless it is forced away.
/// @param path  where it lies
/// @param modes as `rwxr-xr-x`
record ServiceFile(Path path, String modes) {
    private static final long LONGEST = 64 * 1024;

    enum Outcome {
        WRITTEN,
        REPLACED,
        AS_IT_WAS,
        REMOVED,
        NOT_THERE
    }

    /// @param really else it is only said what would be done
    /// @throws IOException with the next step, when somebody else's is there
    Outcome write(String text, boolean force, boolean really) throws IOException {
        boolean there = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        if (there && !force && !isOurs()) throw foreign("over it");
        if (there && isOurs() && read().equals(text)) return Outcome.AS_IT_WAS;
        if (really) put(text);
        return there ? Outcome.REPLACED : Outcome.WRITTEN;
    }

    Outcome remove(boolean force, boolean really) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) return Outcome.NOT_THERE;
        if (!force && !isOurs()) throw foreign("it away");
        if (really) Files.delete(path);
        return Outcome.REMOVED;
    }

    /// A link is not: a masked unit is a link to /dev/null.
    private boolean isOurs() throws IOException {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                && Files.size(path) <= LONGEST
                && read().contains(ServiceUnit.MARK);
    }

    private String read() throws IOException {
        return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    }

    private void put(String text) throws IOException {
        Files.createDirectories(path.getParent());
        Path fresh = path.resolveSibling("." + path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.writeString(fresh, text, StandardCharsets.US_ASCII);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(modes));
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    }

    private IOException foreign(String what) {
        return new IOException(path + " was not written by `carrel service install`, so it stays; look at it, and"
                + " with --force go " + what);
    }
}
