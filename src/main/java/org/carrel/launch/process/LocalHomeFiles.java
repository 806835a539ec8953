package org.carrel.launch.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.user.UserId;
import org.carrel.launch.process.Box.Owner;
import org.carrel.port.HomeFiles;

/// Homes on this machine's disk, read and written by tar with the rights of their user: what lies there was made by
/// them, and might be a trap for root.
///
/// | name | what |
/// |---|---|
/// | `<user>` | the home |
/// | `.arriving.<user>` | one that is being unpacked; of no use to anybody |
/// | `.aside.<user>.<time>` | one that is no longer a home: an administrator deletes it when nobody misses it |
final class LocalHomeFiles implements HomeFiles {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);
    private static final int SAID_MOST = 2000;
    private static final Duration END_PATIENCE = Duration.ofSeconds(60);

    private final Path homes;
    private final Owners owners;
    private final boolean apart;
    private final Emptying emptying;

    interface Owners {
        Owner of(UserId user) throws IOException;
    }

    /// Deletes what is in a directory, with the rights of a uid.
    interface Emptying {
        void empty(Path directory, int uid) throws IOException;
    }

    /// @param apart every user has a uid of their own
    LocalHomeFiles(Path homes, boolean apart, Owners owners, Emptying emptying) {
        this.homes = homes;
        this.apart = apart;
        this.owners = owners;
        this.emptying = emptying;
    }

    /// Made when it is missing.
    Path home(UserId user) throws IOException {
        Path home = homes.resolve(user.value());
        if (Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)) return home;
        // two first sessions of one user may come at once: whoever is second finds it there, whole
        Path fresh = Files.createTempDirectory(homes, ".fresh.");
        owners.of(user).take(fresh);
        Box.mode(fresh, Box.MODE_SESSION_ONLY);
        try {
            Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException present) {
            Files.delete(fresh);
            if (!Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)) throw present;
        }
        return home;
    }

    @Override
    public void pack(UserId user, OutputStream to) throws IOException, InterruptedException {
        Path home = homes.resolve(user.value());
        if (!Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)) return;
        try (Tar tar = new Tar(user, List.of("--create", "--sparse", "--file=-", "--directory=" + home, "."))) {
            tar.process.getInputStream().transferTo(to);
            tar.end("not all files of " + user + " could be read");
        }
    }

    @Override
    public void unpack(UserId user, InputStream from) throws IOException, InterruptedException {
        Owner owner = owners.of(user);
        Path arriving = homes.resolve(".arriving." + user);
        discard(arriving, owner);
        Files.createDirectory(arriving);
        owner.take(arriving);
        Box.mode(arriving, Box.MODE_SESSION_ONLY);
        try {
            byte[] first = from.readNBytes(1);
            // nothing at all: there was no home to be packed
            if (first.length > 0)
                try (Tar tar = new Tar(
                        user, List.of("--extract", "--preserve-permissions", "--file=-", "--directory=" + arriving))) {
                    try (OutputStream into = tar.process.getOutputStream()) {
                        into.write(first);
                        from.transferTo(into);
                    } catch (IOException broken) {
                        tar.process.destroyForcibly();
                        throw tar.said().isEmpty() ? broken : new IOException(tar.said(), broken);
                    }
                    tar.end("not all files of " + user + " could be written");
                }
            setAside(user);
            Files.move(arriving, homes.resolve(user.value()), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | InterruptedException failed) {
            discard(arriving, owner);
            throw failed;
        }
    }

    @Override
    public void setAside(UserId user) throws IOException {
        try {
            Files.move(
                    homes.resolve(user.value()),
                    homes.resolve(".aside." + user + "." + TIME.format(Instant.now())),
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException none) {
            // there was no home
        }
    }

    private void discard(Path arriving, Owner owner) throws IOException {
        if (!Files.isDirectory(arriving, LinkOption.NOFOLLOW_LINKS)) return;
        emptying.empty(arriving, owner.uid());
        Files.delete(arriving);
    }

    private final class Tar implements AutoCloseable {
        final Process process;
        private final CompletableFuture<String> said = new CompletableFuture<>();

        Tar(UserId user, List<String> arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of("nice", "-n", "10"));
            if (apart) command.addAll(Spawn.dropTo(owners.of(user).uid()));
            command.add("/bin/tar");
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().clear();
            builder.environment().put("PATH", Spawn.PATH);
            builder.environment().put("LC_ALL", "C.UTF-8");
            builder.directory(Path.of("/").toFile());
            process = builder.start();
            Thread.ofVirtual().name("tar-said").start(() -> {
                try (InputStream errors = process.getErrorStream()) {
                    String first = new String(errors.readNBytes(SAID_MOST), StandardCharsets.UTF_8).strip();
                    errors.transferTo(OutputStream.nullOutputStream());
                    said.complete(first);
                } catch (IOException gone) {
                    said.complete("");
                }
            });
        }

        void end(String otherwise) throws IOException, InterruptedException {
            if (!process.waitFor(END_PATIENCE.toSeconds(), TimeUnit.SECONDS))
                throw new IOException(otherwise + ": tar doesn't end");
            if (process.exitValue() != 0)
                throw new IOException(
                        otherwise + ": " + (said().isEmpty() ? "tar ended with " + process.exitValue() : said()));
        }

        String said() throws IOException {
            try {
                return said.get(5, TimeUnit.SECONDS)
                        .lines()
                        .limit(3)
                        .reduce((one, two) -> one + "; " + two)
                        .orElse("");
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException silent) {
                return "";
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", closing);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
