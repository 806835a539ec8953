package org.carrel.launch.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.carrel.launch.Launcher.Listener;

/// Whose a listening port of loopback is. Source: proc(5), "/proc/net/tcp": address and port in hexadecimal, state `0A`
/// listens, then the uid and the inode of the socket.
final class Ports {
    private static final String LISTENS = "0A";

    private Ports() {}

    /// @return the workload when everybody who listens there is of this session
    static Listener listener(Identity leader, String boot, int port) throws IOException {
        List<Entry> entries = listening(port);
        if (entries.isEmpty()) return Listener.NOBODY;
        return areOf(leader, boot, entries) ? Listener.WORKLOAD : Listener.STRANGER;
    }

    /// @param self a uid that may listen there, too
    /// @return the workload when everybody who listens there is of the system, or that one
    static Listener ofSystem(int self, int port) throws IOException {
        List<Entry> entries = listening(port);
        if (entries.isEmpty()) return Listener.NOBODY;
        boolean system = entries.stream()
                .allMatch(entry -> entry.uid() == self
                        || Accounts.of(entry.uid())
                                .filter(account -> account.uid() < Accounts.LEAST_UID)
                                .isPresent());
        return system ? Listener.WORKLOAD : Listener.STRANGER;
    }

    private static List<Entry> listening(int port) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6"))
            if (Files.exists(Path.of(table))) entries.addAll(parse(Files.readAllLines(Path.of(table)), port));
        return entries;
    }

    private static boolean areOf(Identity leader, String boot, List<Entry> entries) throws IOException {
        if (!leader.isAlive(boot)) return false;
        if (entries.stream().anyMatch(entry -> entry.uid() != leader.uid())) return false;
        Set<String> own = new HashSet<>();
        boolean readable = true;
        for (ProcStat member : Members.of(leader, boot)) readable &= sockets(member.pid(), own);
        // another uid's descriptors can't be read; that every uid is one user's own is then the proof
        if (own.isEmpty() && !readable) return leader.uid() != Box.Owner.self().uid();
        return entries.stream().allMatch(entry -> own.contains("socket:[" + entry.inode() + "]"));
    }

    static List<Entry> parse(List<String> table, int port) {
        String wanted = String.format("%04X", port);
        List<Entry> entries = new ArrayList<>();
        for (String line : table) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length < 10 || !fields[3].equals(LISTENS)) continue;
            if (!fields[1].endsWith(":" + wanted)) continue;
            entries.add(new Entry(Integer.parseInt(fields[7]), fields[9]));
        }
        return entries;
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

    record Entry(int uid, String inode) {}
}
