package org.carrel.port;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One process of this machine, whoever started it.
/// @param user       name of its real uid; the number where no name is known
/// @param created    wall clock, to about 20 ms
/// @param cpuPercent of one core since the look before; 0 for a process seen the first time
/// @param threads    how many it has
/// @param words      its command line as it was given, cut at 4 KiB
/// @param cwd        empty where this program may not read it: only root may, of other users' processes
/// @param exe        the same
public record OsProcess(
        long pid,
        long parent,
        String user,
        String name,
        Instant created,
        double cpuPercent,
        Memory memory,
        int threads,
        List<String> words,
        Optional<String> cwd,
        Optional<String> exe) {
    public OsProcess {
        words = List.copyOf(words);
    }

    /// In bytes, as the kernel counts pages. Source: proc(5), "/proc/pid/statm".
    public record Memory(long resident, long virtual, long shared, long text, long data) {}
}
