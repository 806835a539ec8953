package org.carrel.launch.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.carrel.domain.session.SessionId;

/// The files of one session. `<box>` belongs to the launcher; the session's user owns only `tmp/` and reads the files
/// of
/// its spec.
///
/// | what | owner | mode apart / one uid |
/// |---|---|---|
/// | `<box>/` | launcher | 0711 / 0700 |
/// | `<box>/log`, `<box>/exit` | the unprivileged part of Carrel | 0600 |
/// | `<box>/tmp/` | session's user | 0700 |
/// | `<box>/<file>` | session's user | 0400 |
/// | `<run>/<id>/` | session's user, group of the gateway | 2710 / 0700 |
record Box(Path directory, Path sockets) {
    static final Set<String> RESERVED = Set.of("log", "exit", "tmp");

    static final int MODE_SESSION_ONLY = 0700;
    /// the group may pass to the socket; what is made in it gets the group, whatever its maker's groups are
    static final int MODE_SESSION_AND_GATEWAY = 02710;

    static Box of(Directories directories, SessionId id) {
        return new Box(directories.boxes().resolve(id.value()), directories.socketDirectory(id));
    }

    Path log() {
        return directory.resolve("log");
    }

    Path exit() {
        return directory.resolve("exit");
    }

    Path tmp() {
        return directory.resolve("tmp");
    }

    /// @param owner the session's user
    /// @throws FileAlreadyExistsException when this session has already been started once
    void make(Owner owner, Owner gateway, boolean apart, Map<String, String> files) throws IOException {
        Files.createDirectory(directory);
        mode(directory, apart ? 0711 : 0700);
        gateway.take(create(log(), 0600, ""));
        gateway.take(create(exit(), 0600, ""));
        Files.createDirectory(tmp());
        owner.take(tmp());
        mode(tmp(), MODE_SESSION_ONLY);
        for (var file : files.entrySet()) owner.take(create(directory.resolve(file.getKey()), 0400, file.getValue()));
        Files.createDirectory(sockets);
        new Owner(owner.uid(), gateway.gid()).take(sockets);
        mode(sockets, apart ? MODE_SESSION_AND_GATEWAY : MODE_SESSION_ONLY);
    }

    /// Whose session this is, by the one directory in it that its user owns.
    OptionalInt uid() {
        try {
            return OptionalInt.of((int) Files.getAttribute(tmp(), "unix:uid", LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    /// @return exit code or 128 + signal; empty when the program hasn't ended, or nobody saw its end
    OptionalInt exitStatus() {
        try {
            String text = Files.readString(exit());
            // a torn line is no status
            return text.endsWith("\n") ? OptionalInt.of(Integer.parseInt(text.strip())) : OptionalInt.empty();
        } catch (IOException | NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    boolean exists() {
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS);
    }

    static void mode(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
    }

    private static Path create(Path file, int mode, String content) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            mode(file, mode);
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) channel.write(bytes);
        }
        return file;
    }

    static void deleteFile(Path file) throws IOException {
        try {
            Files.delete(file);
        } catch (NoSuchFileException e) {
            // what is to be gone is gone
        }
    }

    /// A uid and a gid.
    record Owner(int uid, int gid) {
        void take(Path path) throws IOException {
            if ((int) Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS) != gid)
                Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            if ((int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS) != uid)
                Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        }

        /// Of this very process.
        static Owner self() throws IOException {
            Path self = Path.of("/proc/self/stat");
            return new Owner((int) Files.getAttribute(self, "unix:uid"), (int) Files.getAttribute(self, "unix:gid"));
        }
    }
}
