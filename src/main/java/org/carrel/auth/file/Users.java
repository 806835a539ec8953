package org.carrel.auth.file;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.auth.Account;
import org.carrel.auth.Accounts;
import org.carrel.auth.file.UserLines.Entry;
import org.carrel.auth.file.UserLines.Fault;
import org.carrel.domain.user.UserId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The users file, as it is now: looked at every 2 s, read again when it changed. What can't be read changes nothing:
/// the users of before stay, and the log and the faults say why.
public final class Users implements Accounts, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Users.class);
    public static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    public static final long MAX_BYTES = 32L * 1024 * 1024;

    private final Path file;
    private final Thread watcher;
    private volatile UserLines lines;
    private volatile long version;
    private volatile Optional<Fault> unreadable = Optional.empty();
    private Look last;

    /// what tells a changed file from the same one
    private record Look(FileTime modified, long bytes, Optional<Object> inode) {}

    private Users(Path file) throws IOException {
        this.file = file;
        this.last = look();
        this.lines = read();
        this.watcher = Thread.ofVirtual().name("users-file").unstarted(this::watch);
    }

    /// @throws IOException when the file isn't there or can't be read
    public static Users open(Path file) throws IOException {
        Users users = new Users(file);
        users.watcher.start();
        return users;
    }

    @Override
    public Optional<Account> find(UserId user) {
        return entry(user).map(Entry::account);
    }

    @Override
    public long version() {
        return version;
    }

    Optional<Entry> entry(UserId user) {
        return Optional.ofNullable(lines.entries().get(user));
    }

    UserLines lines() {
        return lines;
    }

    public Path file() {
        return file;
    }

    /// What doesn't count, with the reason; for the administrator.
    public List<Fault> faults() {
        return unreadable.map(List::of).orElseGet(() -> lines.faults());
    }

    /// What a start with this file would leave out; when nothing can be read of it, one fault of the whole file.
    public static List<Fault> faultsOf(Path file) {
        try {
            return parse(file).faults();
        } catch (IOException trouble) {
            return List.of(new Fault(0, "can't be read: " + sentence(trouble)));
        }
    }

    /// Reads the file again when it changed.
    public synchronized void refresh() {
        try {
            Look now = look();
            if (!now.equals(last)) {
                lines = read();
                last = now;
                version++;
            }
            unreadable = Optional.empty();
        } catch (IOException trouble) {
            Fault fault = new Fault(0, "can't be read, so the users of before stay: " + sentence(trouble));
            if (!unreadable.equals(Optional.of(fault))) LOG.error("users file file={} {}", file, fault.what());
            unreadable = Optional.of(fault);
        }
    }

    @Override
    public void close() {
        watcher.interrupt();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(LOOK_EVERY);
                refresh();
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private Look look() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Look(attributes.lastModifiedTime(), attributes.size(), Optional.ofNullable(attributes.fileKey()));
    }

    private UserLines read() throws IOException {
        UserLines read = parse(file);
        for (Fault fault : read.faults()) LOG.warn("users file file={} line={} {}", file, fault.line(), fault.what());
        LOG.info(
                "users read file={} users={} faults={}",
                file,
                read.entries().size(),
                read.faults().size());
        return read;
    }

    private static UserLines parse(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) throw new IOException("it is larger than 32 MiB");
        return UserLines.parse(Files.readString(file));
    }

    private static String sentence(IOException trouble) {
        return switch (trouble) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "this user may not read it; chown or chmod it";
            case CharacterCodingException _ -> "it is not UTF-8";
            default -> String.valueOf(trouble.getMessage());
        };
    }
}
