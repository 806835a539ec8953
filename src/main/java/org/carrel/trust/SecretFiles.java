package org.carrel.trust;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Directories of mode 0700 and files of mode 0600 that belong to whoever runs this program, and to nobody else.
final class SecretFiles {
    /// far more than any of ours
    private static final long MOST_BYTES = 64 * 1024;

    private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private SecretFiles() {}

    static void makeDirectory(Path directory) throws IOException {
        Path above = directory.toAbsolutePath().getParent();
        if (above != null) Files.createDirectories(above);
        Files.createDirectory(directory, DIRECTORY_MODE);
    }

    /// Readers and crashes see the old file or the new one.
    static void replace(Path file, byte[] content) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path fresh = Files.createTempFile(directory, "." + file.getFileName(), ".new", FILE_MODE);
        try {
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) channel.write(rest);
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
        try (FileChannel channel = FileChannel.open(directory)) {
            channel.force(true); // the rename itself
        }
    }

    /// @throws IOException when it is missing, too long, or not secret; the message says what to do
    static byte[] read(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) throw new IOException("there is no " + file);
        checkOurs(file, "600");
        if (Files.size(file) > MOST_BYTES)
            throw new IOException(file + " has " + Files.size(file) + " bytes, which is no file of ours");
        return Files.readAllBytes(file);
    }

    /// @param mode what it should be, in the words of chmod
    /// @throws IOException when others may read or write it, or it belongs to somebody else
    static void checkOurs(Path path, String mode) throws IOException {
        PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes.class);
        int me = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int owner = (int) Files.getAttribute(path, "unix:uid");
        if (owner != me)
            throw new IOException(path + " belongs to " + found.owner().getName() + ", not to "
                    + System.getProperty("user.name") + ", as whom Carrel runs: chown -R "
                    + System.getProperty("user.name") + " " + path);
        boolean alone =
                found.permissions().stream().allMatch(right -> right.name().startsWith("OWNER_"));
        if (!alone)
            throw new IOException(path + " may be read or written by others ("
                    + PosixFilePermissions.toString(found.permissions()) + "): chmod " + mode + " " + path
                    + ", and if somebody may have seen it, make a new key with `carrel init` for all nodes");
    }
}
