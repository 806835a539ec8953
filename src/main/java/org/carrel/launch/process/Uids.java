package org.carrel.launch.process;

import static org.carrel.domain.Require.require;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.carrel.domain.user.UserId;

/// Gives every user a uid of their own, always the same, without an entry in the machine's user database.
/// Kept in a file of lines `user uid`; only starters write it, each new line under a lock, since those of several
/// Carrels on one machine may share it.
final class Uids {
    /// Between the ordinary users (from 1000) and the sub-uids of containers (from 100,000), outside systemd's dynamic
    /// users (61184 to 65519) and nobody (65534).
    static final int FIRST = 70_000;

    static final int LAST = 79_999;

    private final Path file;
    private final Map<UserId, Integer> uids = new TreeMap<>();

    Uids(Path file) throws IOException {
        this.file = file;
        read();
    }

    private void read() throws IOException {
        if (!Files.exists(file)) return;
        uids.clear();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            number++;
            String[] words = line.split(" ");
            require(words.length == 2, file + " line " + number + ": not \"user uid\"");
            int uid = Integer.parseInt(words[1]);
            require(isOurs(uid), file + " line " + number + ": uid " + uid + " is not from " + FIRST + " to " + LAST);
            require(!uids.containsValue(uid), file + " line " + number + ": uid " + uid + " is given twice");
            uids.put(new UserId(words[0]), uid);
        }
    }

    static boolean isOurs(int uid) {
        return uid >= FIRST && uid <= LAST;
    }

    /// @throws IOException when it can't be kept, or every uid of the range is taken
    synchronized int of(UserId user) throws IOException {
        Integer known = uids.get(user);
        if (known != null) return known;
        try (FileChannel channel = FileChannel.open(
                        file.resolveSibling(file.getFileName() + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            read(); // another starter may have added some since
            known = uids.get(user);
            return known != null ? known : added(user);
        }
    }

    private int added(UserId user) throws IOException {
        int uid = free();
        Map<UserId, Integer> next = new TreeMap<>(uids);
        next.put(user, uid);
        keep(next);
        uids.put(user, uid);
        return uid;
    }

    private int free() throws IOException {
        Set<Integer> taken = new HashSet<>(uids.values());
        taken.addAll(ofTheMachine());
        for (int uid = FIRST; uid <= LAST; uid++) if (!taken.contains(uid)) return uid;
        throw new IOException("every uid from " + FIRST + " to " + LAST + " is taken");
    }

    /// Uids of that range which belong to somebody already. Directory services aren't asked: listing theirs may take
    /// minutes.
    private static Set<Integer> ofTheMachine() throws IOException {
        Set<Integer> uids = new HashSet<>();
        for (String line : Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1)) {
            String[] fields = line.split(":");
            if (fields.length > 2 && fields[2].matches("[0-9]{1,9}")) uids.add(Integer.parseInt(fields[2]));
        }
        return uids;
    }

    private void keep(Map<UserId, Integer> next) throws IOException {
        StringBuilder text = new StringBuilder();
        next.forEach((user, uid) -> text.append(user).append(' ').append(uid).append('\n'));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(
                fresh,
                text,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                StandardOpenOption.SYNC);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
