package org.carrel.launch.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whose a listening port of loopback is. Source: proc(5), "/proc/net/tcp": address and port in hexadecimal, state `0A`
/// listens, then the uid and the inode of the socket.
final class Ports {
    private static final String LISTENS = "0A";

    private Ports() {}

    /// @return true when somebody listens there, and everybody who does is of this session
    static boolean listens(Identity leader, String boot, int port) throws IOException {
        List<Listener> listeners = new ArrayList<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6"))
            if (Files.exists(Path.of(table))) listeners.addAll(parse(Files.readAllLines(Path.of(table)), port));
        if (listeners.isEmpty() || !leader.isAlive(boot)) return false;
        if (listeners.stream().anyMatch(listener -> listener.uid() != leader.uid())) return false;
        Set<String> own = new HashSet<>();
        boolean readable = true;
        for (ProcStat member : Members.of(leader, boot)) readable &= sockets(member.pid(), own);
        // another uid's descriptors can't be read; that every uid is one user's own is then the proof
        if (own.isEmpty() && !readable) return leader.uid() != Box.Owner.self().uid();
        return listeners.stream().allMatch(listener -> own.contains("socket:[" + listener.inode() + "]"));
    }

    static List<Listener> parse(List<String> table, int port) {
        String wanted = String.format("%04X", port);
        List<Listener> listeners = new ArrayList<>();
        for (String line : table) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length < 10 || !fields[3].equals(LISTENS)) continue;
            if (!fields[1].endsWith(":" + wanted)) continue;
            listeners.add(new Listener(Integer.parseInt(fields[7]), fields[9]));
        }
        return listeners;
    }

    /// @return false when they can't be read
    private static boolean sockets(long pid, Set<String> into) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : open)
                try {
                    into.add(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException e) {
                    // closed meanwhile
                }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    record Listener(int uid, String inode) {}
}
