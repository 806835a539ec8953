package org.carrel.launch.process;

import java.util.Optional;

/// One line of `/proc/<pid>/stat`, as far as it is needed here. Source: proc(5), "/proc/pid/stat".
/// @param state    one letter; `Z` and `X` are dead
/// @param cpuTicks user and system time of itself and of the children it has reaped, in ticks of 10 ms
/// @param start    ticks since the machine's start
/// @param name     of the program, cut by the kernel at 15 bytes
/// @param ownTicks user and system time of itself alone
record ProcStat(
        long pid,
        char state,
        long parent,
        long group,
        long session,
        long cpuTicks,
        long start,
        String name,
        long ownTicks,
        int threads) {

    boolean isDead() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /// The name of a program may hold blanks and parentheses, so the fields are counted after the *last* `)`.
    /// @return empty when the line is torn or strange
    static Optional<ProcStat> parse(long pid, String line) {
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        if (open < 0 || close < open || close + 2 >= line.length()) return Optional.empty();
        String[] fields = line.substring(close + 2).trim().split(" ");
        if (fields.length < 20) return Optional.empty();
        try {
            // fields[0] is field 3 of proc(5)
            long cpu = 0;
            for (int i = 11; i <= 14; i++) cpu += Long.parseLong(fields[i]);
            return Optional.of(new ProcStat(
                    pid,
                    fields[0].charAt(0),
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[2]),
                    Long.parseLong(fields[3]),
                    cpu,
                    Long.parseLong(fields[19]),
                    line.substring(open + 1, close),
                    Long.parseLong(fields[11]) + Long.parseLong(fields[12]),
                    Integer.parseInt(fields[17])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
